// Watches an AXI4-Lite: what is offered stays until it is taken, and every answer has its request.
// Counts the accesses that were answered since the start.
module lite_judge (
    input  wire        clk,
    input  wire        rst,
    input  wire        awvalid,
    input  wire        awready,
    input  wire [16:0] awaddr,
    input  wire        wvalid,
    input  wire        wready,
    input  wire [35:0] wdata, // and strobes
    input  wire        bvalid,
    input  wire        bready,
    input  wire [1:0]  bresp,
    input  wire        arvalid,
    input  wire        arready,
    input  wire [16:0] araddr,
    input  wire        rvalid,
    input  wire        rready,
    input  wire [33:0] rdata, // and answer
    output reg  [31:0] accesses,
    output reg         broken // sticky
);
    reg [3:0] aw, w, ar; // requests that were taken and not answered
    reg aw_waited, w_waited, b_waited, ar_waited, r_waited;
    reg [16:0] aw_before, ar_before;
    reg [35:0] w_before;
    reg [1:0] b_before;
    reg [33:0] r_before;
    wire written = bvalid && bready, read = rvalid && rready;

    initial begin
        accesses = 32'd0;
        {aw, w, ar} = 12'd0;
        {aw_waited, w_waited, b_waited, ar_waited, r_waited} = 5'd0;
        broken = 1'b0;
    end

    always @(posedge clk) begin
        aw_waited <= !rst && awvalid && !awready;
        w_waited <= !rst && wvalid && !wready;
        b_waited <= !rst && bvalid && !bready;
        ar_waited <= !rst && arvalid && !arready;
        r_waited <= !rst && rvalid && !rready;
        aw_before <= awaddr;
        w_before <= wdata;
        b_before <= bresp;
        ar_before <= araddr;
        r_before <= rdata;
        if (rst) begin
            aw <= 4'd0;
            w <= 4'd0;
            ar <= 4'd0;
        end else begin
            aw <= aw + {3'd0, awvalid && awready} - {3'd0, written};
            w <= w + {3'd0, wvalid && wready} - {3'd0, written};
            ar <= ar + {3'd0, arvalid && arready} - {3'd0, read};
            accesses <= accesses + {31'd0, written} + {31'd0, read};
            if ((aw_waited && !(awvalid && awaddr == aw_before))
                || (w_waited && !(wvalid && wdata == w_before))
                || (b_waited && !(bvalid && bresp == b_before))
                || (ar_waited && !(arvalid && araddr == ar_before))
                || (r_waited && !(rvalid && rdata == r_before))
                || (bvalid && (aw == 4'd0 || w == 4'd0))
                || (rvalid && ar == 4'd0)
                || aw > 4'd2 || w > 4'd2 || ar > 4'd2)
                broken <= 1'b1;
        end
    end
endmodule
