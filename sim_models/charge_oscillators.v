// An array and its oscillators without analog: whole conductances, and one rising edge for every
// 2^shift of charge, in the clock in which the charge flowed. The charge is 0 at the opening of a
// gate, so a window makes floor(charge / 2^shift) edges, whatever the order of its pulses.
`timescale 1ns / 1fs
module charge_oscillators #(
    parameter ROWS = 16,
    parameter COUNTERS = 16,
    parameter BLOCKS = 1,
    parameter BLOCK_BITS = 1,
    parameter BANKS = 2,
    parameter CODE_BITS = 10,
    parameter CLOCK_PS = 1000
) (
    input  wire                               clk,
    input  wire [ROWS-1:0]                    pulse,
    input  wire [ROWS-1:0]                    negative,
    input  wire [BANKS-1:0]                   gate,
    input  wire                               plus,
    input  wire                               minus,
    input  wire [BLOCK_BITS-1:0]              block,
    input  wire                               reference,
    input  wire                               reference_negative,
    input  wire [CODE_BITS-1:0]               reference_code,
    // Of the plus devices, then of the minus devices: row by row, a byte per column.
    input  wire [16*ROWS*COUNTERS*BLOCKS-1:0] conductance,
    input  wire [4:0]                         shift,
    output reg  [COUNTERS-1:0]                p,
    output reg  [COUNTERS-1:0]                n
);
    localparam COLUMNS = COUNTERS * BLOCKS;

    reg [7:0] g [0:2*ROWS*COLUMNS-1];
    reg [31:0] charge [0:2*COUNTERS-1];  // of P, then of N
    reg [31:0] made [0:2*COUNTERS-1];    // edges since the opening
    reg [31:0] due [0:2*COUNTERS-1];     // edges of this clock
    reg [BANKS-1:0] gate_before;
    integer device, k, row, column, most;
    real half_ns;

    always @(conductance)
        for (device = 0; device < 2 * ROWS * COLUMNS; device = device + 1)
            g[device] = conductance[8*device +: 8];

    initial begin
        p = {COUNTERS{1'b0}};
        n = {COUNTERS{1'b0}};
        gate_before = {BANKS{1'b0}};
    end

    always @(posedge clk) begin
        #(0.02e-3 * CLOCK_PS);  // the pins have changed
        if (|gate) begin
            if (gate != gate_before)
                for (k = 0; k < 2 * COUNTERS; k = k + 1) begin
                    charge[k] = 32'd0;
                    made[k] = 32'd0;
                    if (reference && reference_negative == (k >= COUNTERS))
                        charge[k] = {{(32-CODE_BITS){1'b0}}, reference_code} << shift;
                end
            // A positive row drives plus devices to P and minus devices to N, a negative one across.
            for (row = 0; row < ROWS; row = row + 1)
                if (pulse[row])
                    for (k = 0; k < COUNTERS; k = k + 1) begin
                        column = row * COLUMNS + block * COUNTERS + k;
                        if (plus)
                            charge[negative[row] ? COUNTERS + k : k] =
                                charge[negative[row] ? COUNTERS + k : k] + {24'd0, g[column]};
                        if (minus)
                            charge[negative[row] ? k : COUNTERS + k] =
                                charge[negative[row] ? k : COUNTERS + k]
                                + {24'd0, g[ROWS*COLUMNS + column]};
                    end
            most = 0;
            for (k = 0; k < 2 * COUNTERS; k = k + 1) begin
                due[k] = (charge[k] >> shift) - made[k];
                made[k] = charge[k] >> shift;
                if (due[k] > most) most = due[k];
            end
            half_ns = 0.9e-3 * CLOCK_PS / (2.0 * (most + 1));
            while (most > 0) begin
                for (k = 0; k < COUNTERS; k = k + 1) begin
                    p[k] = due[k] >= most;
                    n[k] = due[COUNTERS + k] >= most;
                end
                #(half_ns);
                p = {COUNTERS{1'b0}};
                n = {COUNTERS{1'b0}};
                #(half_ns);
                most = most - 1;
            end
        end
        gate_before = gate;
    end
endmodule
