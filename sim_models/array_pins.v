// The array macro as the tile's pins see it. It measures what the row drivers really do, clock by
// clock, and hands over the counts that a test bench answers with, once per window.
module array_pins #(
    parameter ROWS = 256,
    parameter COLUMNS = 256,
    parameter COUNT_BITS = 12
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire [ROWS-1:0]                   pulse,
    input  wire [ROWS-1:0]                   negative,
    input  wire                              integrate,
    output wire                              counts_valid,
    input  wire                              counts_ready,
    output wire [2*COLUMNS*COUNT_BITS-1:0]   counts,

    // Seen by the test bench; steady from a change of `reads` until the answer is taken.
    output wire [8*ROWS-1:0]                 lengths,   // clocks each row was driven
    output reg  [ROWS-1:0]                   polarity,  // of each row during the window
    output reg  [15:0]                       window,    // clocks the gate was open
    output reg  [31:0]                       reads,     // windows closed so far
    output reg                               misdriven, // sticky: see below
    // Driven by the test bench: the counts of window number `answered`.
    input  wire [2*COLUMNS*COUNT_BITS-1:0]   answer,
    input  wire [31:0]                       answered
);
    reg [7:0] length [0:ROWS-1];
    reg [ROWS-1:0] pulse_before;
    reg integrate_before;
    reg [31:0] taken;
    integer row;

    genvar g;
    generate
        for (g = 0; g < ROWS; g = g + 1) begin : flat
            assign lengths[8*g +: 8] = length[g];
        end
    endgenerate

    wire opening = integrate && !integrate_before;
    assign counts = answer;
    assign counts_valid = answered != taken;

    always @(posedge clk) begin
        if (rst) begin
            integrate_before <= 1'b0;
            pulse_before <= {ROWS{1'b0}};
            reads <= 32'd0;
            taken <= 32'd0;
            window <= 16'd0;
            misdriven <= 1'b0;
            polarity <= {ROWS{1'b0}};
        end else begin
            integrate_before <= integrate;
            pulse_before <= pulse;
            if (counts_valid && counts_ready) taken <= answered;
            if (integrate) begin
                window <= opening ? 16'd1 : window + 16'd1;
                polarity <= negative;
                for (row = 0; row < ROWS; row = row + 1)
                    length[row] <= (opening ? 8'd0 : length[row]) + {7'd0, pulse[row]};
            end
            if (integrate_before && !integrate) reads <= reads + 32'd1;

            // A row outside the window, one that starts late or again, a sign that changes within.
            if (|(pulse & ~{ROWS{integrate}})
                || (integrate && !opening && |(pulse & ~pulse_before))
                || (integrate && !opening && negative != polarity))
                misdriven <= 1'b1;
        end
    end
endmodule
