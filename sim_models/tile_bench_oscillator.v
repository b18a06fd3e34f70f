// The tile with oscillators on its pins. Its ports are those of `tile_bench.v`, so that the same
// test bench drives it: `array_pins` measures what the pins do, and its answers go nowhere.
module tile_bench_oscillator #(
    parameter ROWS = 256,
    parameter COUNTERS = 256,
    parameter COUNT_BITS = 12,
    parameter BANKS = 2,
    parameter BLOCKS = 1,
    parameter BLOCK_BITS = 1,
    parameter CODE_BITS = 10,
    parameter X_BITS = 512,
    parameter Y_BITS = 512
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            control_awvalid,
    output wire                            control_awready,
    input  wire [15:0]                     control_awaddr,
    input  wire [2:0]                      control_awprot,
    input  wire                            control_wvalid,
    output wire                            control_wready,
    input  wire [31:0]                     control_wdata,
    input  wire [3:0]                      control_wstrb,
    output wire                            control_bvalid,
    input  wire                            control_bready,
    output wire [1:0]                      control_bresp,
    input  wire                            control_arvalid,
    output wire                            control_arready,
    input  wire [15:0]                     control_araddr,
    input  wire [2:0]                      control_arprot,
    output wire                            control_rvalid,
    input  wire                            control_rready,
    output wire [31:0]                     control_rdata,
    output wire [1:0]                      control_rresp,
    input  wire                            x_tvalid,
    output wire                            x_tready,
    input  wire [X_BITS-1:0]               x_tdata,
    input  wire                            x_tlast,
    output wire                            y_tvalid,
    input  wire                            y_tready,
    output wire [Y_BITS-1:0]               y_tdata,
    output wire                            y_tlast,
    output wire                            irq,
    output wire                            integrate,
    output wire [BANKS-1:0]                gate,
    output wire [8*ROWS-1:0]               lengths,
    output wire [ROWS-1:0]                 polarity,
    output wire [15:0]                     window,
    output wire [BLOCK_BITS+CODE_BITS+3:0] described, // block, code, its sign, its use, minus, plus
    output wire [31:0]                     reads,
    output wire [31:0]                     integrated,
    output wire                            misdriven,
    output wire                            waiting,
    input  wire [2*COUNTERS*COUNT_BITS-1:0] answer,
    input  wire [31:0]                     answered,
    input  wire [16*ROWS*COUNTERS*BLOCKS-1:0] conductance,
    input  wire [4:0]                      shift
);
    wire [ROWS-1:0] pulse, negative;
    wire plus, minus, reference, reference_negative;
    wire [CODE_BITS-1:0] reference_code;
    wire [COUNTERS-1:0] p, n;
    wire [BLOCK_BITS+CODE_BITS+3:0] description;

    wire [BLOCK_BITS-1:0] block;

    assign description = {block, reference_code, reference_negative, reference, minus, plus};
    assign integrate = |gate;

    tile tile (
        .clk(clk), .rst(rst), .irq(irq),
        .control__awvalid(control_awvalid), .control__awready(control_awready),
        .control__awaddr(control_awaddr), .control__awprot(control_awprot),
        .control__wvalid(control_wvalid), .control__wready(control_wready),
        .control__wdata(control_wdata), .control__wstrb(control_wstrb),
        .control__bvalid(control_bvalid), .control__bready(control_bready),
        .control__bresp(control_bresp),
        .control__arvalid(control_arvalid), .control__arready(control_arready),
        .control__araddr(control_araddr), .control__arprot(control_arprot),
        .control__rvalid(control_rvalid), .control__rready(control_rready),
        .control__rdata(control_rdata), .control__rresp(control_rresp),
        .x__tvalid(x_tvalid), .x__tready(x_tready), .x__tdata(x_tdata), .x__tlast(x_tlast),
        .y__tvalid(y_tvalid), .y__tready(y_tready), .y__tdata(y_tdata), .y__tlast(y_tlast),
        .rows__pulse(pulse), .rows__negative(negative),
        .converters__gate(gate), .converters__plus(plus), .converters__minus(minus),
        .converters__block(block),
        .converters__reference(reference), .converters__reference_negative(reference_negative),
        .converters__reference_code(reference_code),
        .oscillators__p(p), .oscillators__n(n)
    );

    array_pins #(
        .ROWS(ROWS), .COUNTERS(COUNTERS), .COUNT_BITS(COUNT_BITS), .BANKS(BANKS),
        .WINDOW_BITS(BLOCK_BITS + CODE_BITS + 4)
    ) array (
        .clk(clk), .rst(rst),
        .pulse(pulse), .negative(negative), .gate(gate), .description(description),
        .counts_valid(), .counts_ready(1'b1), .counts(),
        .lengths(lengths), .polarity(polarity), .described(described), .window(window),
        .reads(reads), .integrated(integrated), .misdriven(misdriven), .waiting(waiting),
        .answer(answer), .answered(answered)
    );

    charge_oscillators #(
        .ROWS(ROWS), .COUNTERS(COUNTERS), .BLOCKS(BLOCKS), .BLOCK_BITS(BLOCK_BITS),
        .BANKS(BANKS), .CODE_BITS(CODE_BITS)
    ) oscillators (
        .clk(clk), .pulse(pulse), .negative(negative), .gate(gate), .plus(plus), .minus(minus),
        .block(block), .reference(reference), .reference_negative(reference_negative),
        .reference_code(reference_code), .conductance(conductance), .shift(shift), .p(p), .n(n)
    );
endmodule
