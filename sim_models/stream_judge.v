// Watches an AXI4-Stream: what is offered stays until it is taken, whatever else happens short of
// a reset. Counts the vectors that went by since the start.
module stream_judge #(
    parameter BITS = 8
) (
    input  wire            clk,
    input  wire            rst,
    input  wire            valid,
    input  wire            ready,
    input  wire            last,
    input  wire [BITS-1:0] rest,
    output reg  [31:0]     vectors,
    output reg             unended,  // a vector has begun and not ended
    output reg             broken   // sticky
);
    reg waited, last_before;
    reg [BITS-1:0] rest_before;

    initial begin
        vectors = 32'd0;
        waited = 1'b0;
        broken = 1'b0;
    end

    always @(posedge clk) begin
        waited <= !rst && valid && !ready;
        last_before <= last;
        rest_before <= rest;
        if (rst) unended <= 1'b0;
        else begin
            if (valid && ready) begin
                unended <= !last;
                if (last) vectors <= vectors + 32'd1;
            end
            if (waited && !(valid && last == last_before && rest == rest_before))
                broken <= 1'b1;
        end
    end
endmodule
