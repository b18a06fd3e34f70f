// The counter of hw/readout/ripple_counter.py with a delay in every stage: the count is right
// BITS * STAGE_PS after the last edge and not earlier. STAGE_PS must be less than a period.
`timescale 1ns / 1fs
module slow_ripple_counter #(
    parameter BITS = 12,
    parameter STAGE_PS = 100
) (
    input  wire            oscillator,
    input  wire            gate,
    input  wire            clear,
    output wire [BITS-1:0] count
);
    wire full = &count;
    genvar k;
    generate
        for (k = 0; k < BITS; k = k + 1) begin : stage
            reg value;
            initial value = 1'b0;
            if (k == 0) begin : first
                always @(posedge oscillator or posedge clear)
                    if (clear) value <= 1'b0;
                    else if (gate && !full) value <= #(STAGE_PS * 1.0e-3) ~value;
            end else begin : next
                always @(negedge count[k-1] or posedge clear)
                    if (clear) value <= 1'b0;
                    else value <= #(STAGE_PS * 1.0e-3) ~value;
            end
            assign count[k] = value;
        end
    endgenerate
endmodule
