// Oscillators side by side, with one vector of each quantity for all of them.
module oscillator_bank #(
    parameter OSCILLATORS = 8
) (
    input  wire [24*OSCILLATORS-1:0] current_na,
    input  wire [23:0]               limit_na,
    input  wire [33*OSCILLATORS-1:0] gain_hz_per_ua,
    input  wire [32*OSCILLATORS-1:0] bend_ppb_per_ua,
    input  wire [32*OSCILLATORS-1:0] offset_hz,
    input  wire                      restart,
    input  wire [16*OSCILLATORS-1:0] start,
    input  wire                      mark,
    output wire [16*OSCILLATORS-1:0] marked,
    output wire [OSCILLATORS-1:0]    out
);
    genvar k;
    generate
        for (k = 0; k < OSCILLATORS; k = k + 1) begin : each
            oscillator oscillator (
                .current_na(current_na[24*k +: 24]), .limit_na(limit_na),
                .gain_hz_per_ua(gain_hz_per_ua[33*k +: 33]),
                .bend_ppb_per_ua(bend_ppb_per_ua[32*k +: 32]), .offset_hz(offset_hz[32*k +: 32]),
                .restart(restart), .start(start[16*k +: 16]),
                .mark(mark), .marked(marked[16*k +: 16]), .out(out[k]));
        end
    endgenerate
endmodule
