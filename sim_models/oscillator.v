// A current-controlled oscillator with real periods: f = A i/(1 + B i) + C, in MHz for i in uA.
// It integrates its phase: a current that changes in mid-period bends the period and makes no edge.
// At f <= 0 it stands still and keeps its phase. Edges are rounded to 1 fs, and do not drift.
`timescale 1ns / 1fs
/* verilator lint_off REALCVT */
/* verilator lint_off WIDTHEXPAND */
module oscillator (
    input  wire        [23:0] current_na,
    input  wire        [23:0] limit_na,         // the current that counts at most
    input  wire        [32:0] gain_hz_per_ua,   // A
    input  wire signed [31:0] bend_ppb_per_ua,  // B, in 1e-9 per uA
    input  wire signed [31:0] offset_hz,        // C
    input  wire               restart,          // its rising edge puts the phase at `start`
    input  wire        [15:0] start,            // in 1/65536 of a period
    input  wire               mark,             // its changes ...
    output reg         [15:0] marked,           // ... remember the phase, in 1/65536
    output reg                out               // rises at phase 0, falls at phase 1/2
);
    localparam SLEEPERS = 4;
    localparam LONGEST_NS = 2.0;

    real frequency, phase, since;  // periods per ns; periods; ns
    real current;
    // A delay cannot be called off. A change plans anew with another sleeper, and the one that
    // sleeps for the old plan is ignored when it wakes.
    real waits [0:SLEEPERS-1];
    reg [SLEEPERS-1:0] asleep;
    reg [1:0] newest;
    integer tries;

    initial begin
        frequency = 0.0;
        phase = 0.0;
        since = 0.0;
        asleep = 0;
        newest = 0;
        out = 1'b0;
        marked = 0;
    end

    task follow;
        begin
            phase = phase + frequency * ($realtime - since);
            since = $realtime;
        end
    endtask

    task plan;
        begin
            newest = newest + 2'd1;
            for (tries = 0; tries < SLEEPERS && asleep[newest]; tries = tries + 1)
                newest = newest + 2'd1;
            if (asleep[newest]) begin
                $display("oscillator: more than %0d changes in %f ns", SLEEPERS, LONGEST_NS);
                $stop;
            end
            waits[newest] = LONGEST_NS;
            if (frequency > 0.0) begin
                if (((out ? 0.5 : 1.0) - phase) < LONGEST_NS * frequency)
                    waits[newest] = ((out ? 0.5 : 1.0) - phase) / frequency;
                if (waits[newest] < 1.0e-6) waits[newest] = 1.0e-6;
                asleep[newest] = 1'b1;
            end
        end
    endtask

    always @(current_na or limit_na or gain_hz_per_ua or bend_ppb_per_ua or offset_hz) begin
        follow;
        current = (current_na < limit_na ? current_na : limit_na) * 1.0e-3;
        frequency = 1.0e-9 * (gain_hz_per_ua * current / (1.0 + bend_ppb_per_ua * 1.0e-9 * current)
                              + offset_hz);
        if (frequency < 0.0) frequency = 0.0;
        plan;
    end

    always @(posedge restart) begin
        since = $realtime;
        phase = start / 65536.0;
        out = start < 16'd32768;
        plan;
    end

    genvar k;
    generate
        for (k = 0; k < SLEEPERS; k = k + 1) begin : sleeper
            always @(posedge asleep[k]) begin
                #(waits[k]);
                if (newest == k) begin
                    follow;
                    if (phase >= (out ? 0.5 : 1.0) - 1.0e-5) begin
                        if (!out) phase = phase - 1.0;
                        out = !out;
                    end
                    plan;  // with another one, since this one is still asleep
                end
                asleep[k] = 1'b0;
            end
        end
    endgenerate

    always @(mark)
        marked = 65536.0 * (phase + frequency * ($realtime - since)) - 0.5;
endmodule
/* verilator lint_on WIDTHEXPAND */
/* verilator lint_on REALCVT */
