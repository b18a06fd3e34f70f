// The array macro as the tile's pins see it. It measures what the row drivers and the gates really
// do, clock by clock, and hands over the counts that a test bench answers with, once per window.
module array_pins #(
    parameter ROWS = 256,
    parameter COUNTERS = 256,
    parameter COUNT_BITS = 12,
    parameter BANKS = 2,
    parameter WINDOW_BITS = 16 // of everything else that describes a window
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire [ROWS-1:0]                   pulse,
    input  wire [ROWS-1:0]                   negative,
    input  wire [BANKS-1:0]                  gate,
    input  wire [WINDOW_BITS-1:0]            description,
    input  wire                              flush, // forget what is open, and what was not taken
    output wire                              counts_valid,
    input  wire                              counts_ready,
    output wire [2*COUNTERS*COUNT_BITS-1:0]  counts,

    // Seen by the test bench; steady from a change of `reads` to the next.
    output reg  [8*ROWS-1:0]                 lengths,   // clocks each row was driven
    output reg  [ROWS-1:0]                   polarity,  // of each row during the window
    output reg  [WINDOW_BITS-1:0]            described, // `description` of the window
    output reg  [15:0]                       window,    // clocks the gate was open
    output reg  [31:0]                       reads,     // windows closed so far
    output reg  [31:0]                       integrated,// clocks with an open gate so far
    output reg                               misdriven, // sticky: see below
    output wire                              waiting,   // an answer has not been taken
    // Driven by the test bench: the counts of window number `answered`.
    input  wire [2*COUNTERS*COUNT_BITS-1:0]  answer,
    input  wire [31:0]                       answered
);
    reg [7:0] length [0:ROWS-1];
    reg [ROWS-1:0] pulse_before, negative_before;
    reg [WINDOW_BITS-1:0] description_before;
    reg [BANKS-1:0] gate_before;
    reg [15:0] clocks;
    reg [31:0] taken;
    integer row;

    wire integrate = |gate;
    wire opening = integrate && gate != gate_before;
    wire closing = |gate_before && gate != gate_before;
    assign counts = answer;
    assign waiting = answered != taken;
    assign counts_valid = waiting && !flush;

    always @(posedge clk) begin
        if (rst) begin
            gate_before <= {BANKS{1'b0}};
            pulse_before <= {ROWS{1'b0}};
            reads <= 32'd0;
            integrated <= 32'd0;
            taken <= 32'd0;
            window <= 16'd0;
            clocks <= 16'd0;
            misdriven <= 1'b0;
            polarity <= {ROWS{1'b0}};
        end else begin
            gate_before <= gate;
            pulse_before <= pulse;
            negative_before <= negative;
            description_before <= description;
            if (flush || (counts_valid && counts_ready)) taken <= answered;
            if (integrate) begin
                integrated <= integrated + 32'd1;
                clocks <= opening ? 16'd1 : clocks + 16'd1;
                for (row = 0; row < ROWS; row = row + 1)
                    length[row] <= (opening ? 8'd0 : length[row]) + {7'd0, pulse[row]};
            end
            if (closing && !flush) begin
                window <= clocks;
                polarity <= negative_before;
                described <= description_before;
                for (row = 0; row < ROWS; row = row + 1)
                    lengths[8*row +: 8] <= length[row];
                reads <= reads + 32'd1; // last: whoever waits for it finds the others changed
            end

            // A row outside the window, one that starts late or again, a sign or a description that
            // changes within, two banks at once.
            if (|(pulse & ~{ROWS{integrate}})
                || (integrate && !opening && |(pulse & ~pulse_before))
                || (integrate && !opening && negative != negative_before)
                || (integrate && !opening && description != description_before)
                || |(gate & (gate - 1'b1)))
                misdriven <= 1'b1;
        end
    end
endmodule
