// The oscillator front end with oscillators on its pins. It watches how long the counts that are
// captured had been standing still.
`timescale 1ns / 1fs
module oscillator_bench #(
    parameter COUNTERS = 4,
    parameter COUNTER_BITS = 12,
    parameter BANKS = 2,
    parameter BANK_BITS = 1
) (
    input  wire                               clk,
    input  wire                               rst,
    input  wire [BANKS-1:0]                   gate,
    input  wire                               due,
    input  wire [BANK_BITS-1:0]               due_bank,
    input  wire                               o_ready,
    output wire                               o_valid,
    output wire [2*COUNTERS*COUNTER_BITS-1:0] o_payload,

    input  wire [24*2*COUNTERS-1:0]           current_na,  // all P, then all N
    input  wire [23:0]                        limit_na,
    input  wire [33*2*COUNTERS-1:0]           gain_hz_per_ua,
    input  wire [32*2*COUNTERS-1:0]           bend_ppb_per_ua,
    input  wire [32*2*COUNTERS-1:0]           offset_hz,
    input  wire                               restart,
    input  wire [16*2*COUNTERS-1:0]           start,
    input  wire                               mark,
    output wire [16*2*COUNTERS-1:0]           marked,

    output reg  [31:0]                        quiet_ps  // least of all captures since reset
);
    wire [COUNTERS-1:0] p, n;

    oscillator_bank #(.OSCILLATORS(2 * COUNTERS)) bank (
        .current_na(current_na), .limit_na(limit_na), .gain_hz_per_ua(gain_hz_per_ua),
        .bend_ppb_per_ua(bend_ppb_per_ua), .offset_hz(offset_hz),
        .restart(restart), .start(start), .mark(mark), .marked(marked), .out({n, p}));

    oscillator_front_end front_end (
        .clk(clk), .rst(rst), .oscillators__p(p), .oscillators__n(n), .gate(gate),
        .due(due), .due_bank(due_bank),
        .o__valid(o_valid), .o__ready(o_ready), .o__payload(o_payload));

    real moved, quiet;
    initial moved = 0.0;
    always @(o_payload) moved = $realtime;
    always @(posedge clk)
        if (rst) quiet_ps = 32'hffffffff;
        else if (o_valid && o_ready) begin
            quiet = 1.0e3 * ($realtime - moved);
            /* verilator lint_off REALCVT */
            if (quiet < quiet_ps) quiet_ps = quiet;
            /* verilator lint_on REALCVT */
        end
endmodule
