// The tile with an array macro on its pins; the buses stay open for the test bench.
// `array_pins` measures what the pins do and hands over the counts that the test bench answers with.
// With OSCILLATORS defined the macro has oscillators instead, and the answers go nowhere; with
// ONE_DEVICE a cell has one device of each polarity, and write heads no choice.
module tile_bench #(
    parameter ROWS = 256,
    parameter COUNTERS = 256,
    parameter COUNT_BITS = 12,
    parameter BANKS = 2,
    parameter BLOCK_BITS = 1,
    parameter CODE_BITS = 10,
    parameter BLOCKS = 1,
    parameter X_BITS = 512,
    parameter Y_BITS = 512,
    parameter SUMS_BITS = 2048,
    parameter HEADS = 32,
    parameter ROW_BITS = 8,
    parameter STEP_BITS = 3
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            control_awvalid,
    output wire                            control_awready,
    input  wire [16:0]                     control_awaddr,
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
    input  wire [16:0]                     control_araddr,
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
    output wire                            y_tuser,
    input  wire                            residual_tvalid,
    output wire                            residual_tready,
    input  wire [Y_BITS-1:0]               residual_tdata,
    input  wire                            residual_tlast,
    input  wire                            i_sums_tvalid,
    output wire                            i_sums_tready,
    input  wire [SUMS_BITS-1:0]            i_sums_tdata,
    input  wire                            i_sums_tlast,
    output wire                            o_sums_tvalid,
    input  wire                            o_sums_tready,
    output wire [SUMS_BITS-1:0]            o_sums_tdata,
    output wire                            o_sums_tlast,
    output wire                            o_sums_tuser,
    input  wire                            trigger,
    output wire                            irq,
    output wire                            integrate,
    output wire [BANKS-1:0]                gate,
    output wire                            captured,
    output wire [8*ROWS-1:0]               lengths,
    output wire [ROWS-1:0]                 polarity,
    output wire [15:0]                     window,
    // block, code, its sign, its use, devices, minus, plus
    output wire [BLOCK_BITS+CODE_BITS+5:0] described,
    output wire [31:0]                     reads,
    output wire [31:0]                     integrated,
    output reg  [31:0]                     stalled,   // clocks in which `y` waited
    output wire                            misdriven,
    output wire                            waiting,
    input  wire [2*COUNTERS*COUNT_BITS-1:0] answer,
    input  wire [31:0]                     answered,
`ifdef OSCILLATORS
    input  wire [16*ROWS*COUNTERS*BLOCKS-1:0] conductance,
    input  wire [4:0]                      shift,
`endif
    output wire                            flush,
    // Of the judges below: streams x, residual, i_sums, y, o_sums, then control, then the rest.
    output wire [6:0]                      broken,
    output wire [4:0]                      unended,
    output wire [31:0]                     accesses,
    output wire [31:0]                     x_vectors,
    output wire [31:0]                     residual_vectors,
    output wire [31:0]                     i_sums_vectors,
    output wire [31:0]                     y_vectors,
    output wire [31:0]                     o_sums_vectors,
    output wire [ROW_BITS-1:0]             program_row,
    output wire [STEP_BITS-1:0]            program_group,
    output wire [HEADS-1:0]                program_fire,
    output wire [HEADS-1:0]                program_negative,
    output wire [HEADS-1:0]                program_device,
    output wire                            program_trailing,
    output wire [12*HEADS-1:0]             program_current,
    input  wire                            program_ready
);
    wire [ROWS-1:0] pulse, negative;
    wire plus, minus, reference, reference_negative;
    wire [1:0] devices;
    wire [CODE_BITS-1:0] reference_code;
    wire [BLOCK_BITS-1:0] block;
    wire [BLOCK_BITS+CODE_BITS+5:0] description;
    wire counts_valid, counts_ready;
    wire [2*COUNTERS*COUNT_BITS-1:0] counts;

    assign description = {
        block, reference_code, reference_negative, reference, devices, minus, plus};
    assign integrate = |gate;
    always @(posedge clk)
        if (rst) stalled <= 32'd0;
        else if (y_tvalid && !y_tready) stalled <= stalled + 32'd1;

`ifdef OSCILLATORS
    wire [COUNTERS-1:0] p, n;
    assign counts_ready = 1'b1;

    charge_oscillators #(
        .ROWS(ROWS), .COUNTERS(COUNTERS), .BLOCKS(BLOCKS), .BLOCK_BITS(BLOCK_BITS),
        .BANKS(BANKS), .CODE_BITS(CODE_BITS)
    ) oscillators (
        .clk(clk), .pulse(pulse), .negative(negative), .gate(gate), .plus(plus), .minus(minus),
        .block(block), .reference(reference), .reference_negative(reference_negative),
        .reference_code(reference_code), .conductance(conductance), .shift(shift), .p(p), .n(n)
    );
`endif
`ifdef ONE_DEVICE
    assign program_device = {HEADS{1'b0}};
`endif
    assign captured = counts_valid && counts_ready;

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
        .y__tuser(y_tuser),
        .residual__tvalid(residual_tvalid), .residual__tready(residual_tready),
        .residual__tdata(residual_tdata), .residual__tlast(residual_tlast),
        .i_sums__tvalid(i_sums_tvalid), .i_sums__tready(i_sums_tready),
        .i_sums__tdata(i_sums_tdata), .i_sums__tlast(i_sums_tlast),
        .o_sums__tvalid(o_sums_tvalid), .o_sums__tready(o_sums_tready),
        .o_sums__tdata(o_sums_tdata), .o_sums__tlast(o_sums_tlast), .o_sums__tuser(o_sums_tuser),
        .trigger(trigger),
        .rows__pulse(pulse), .rows__negative(negative),
        .converters__gate(gate), .converters__plus(plus), .converters__minus(minus),
        .converters__flush(flush), .converters__devices(devices), .converters__block(block),
        .converters__reference(reference), .converters__reference_negative(reference_negative),
        .converters__reference_code(reference_code),
`ifdef OSCILLATORS
        .oscillators__p(p), .oscillators__n(n),
`else
        .counts__valid(counts_valid), .counts__ready(counts_ready), .counts__payload(counts),
`endif
        .program__row(program_row), .program__group(program_group), .program__fire(program_fire),
        .program__negative(program_negative),
`ifndef ONE_DEVICE
        .program__device(program_device),
`endif
        .program__trailing(program_trailing), .program__current(program_current),
        .program__ready(program_ready)
    );

    stream_judge #(.BITS(X_BITS)) x_judge (
        .clk(clk), .rst(rst), .valid(x_tvalid), .ready(x_tready), .last(x_tlast),
        .rest(x_tdata), .vectors(x_vectors), .unended(unended[0]), .broken(broken[0])
    );
    stream_judge #(.BITS(Y_BITS)) residual_judge (
        .clk(clk), .rst(rst), .valid(residual_tvalid), .ready(residual_tready),
        .last(residual_tlast), .rest(residual_tdata),
        .vectors(residual_vectors), .unended(unended[1]), .broken(broken[1])
    );
    stream_judge #(.BITS(SUMS_BITS)) i_sums_judge (
        .clk(clk), .rst(rst), .valid(i_sums_tvalid), .ready(i_sums_tready), .last(i_sums_tlast),
        .rest(i_sums_tdata), .vectors(i_sums_vectors), .unended(unended[2]), .broken(broken[2])
    );
    stream_judge #(.BITS(Y_BITS + 1)) y_judge (
        .clk(clk), .rst(rst), .valid(y_tvalid), .ready(y_tready), .last(y_tlast),
        .rest({y_tuser, y_tdata}), .vectors(y_vectors), .unended(unended[3]), .broken(broken[3])
    );
    stream_judge #(.BITS(SUMS_BITS + 1)) o_sums_judge (
        .clk(clk), .rst(rst), .valid(o_sums_tvalid), .ready(o_sums_tready), .last(o_sums_tlast),
        .rest({o_sums_tuser, o_sums_tdata}),
        .vectors(o_sums_vectors), .unended(unended[4]), .broken(broken[4])
    );
    lite_judge control_judge (
        .clk(clk), .rst(rst),
        .awvalid(control_awvalid), .awready(control_awready), .awaddr(control_awaddr),
        .wvalid(control_wvalid), .wready(control_wready), .wdata({control_wstrb, control_wdata}),
        .bvalid(control_bvalid), .bready(control_bready), .bresp(control_bresp),
        .arvalid(control_arvalid), .arready(control_arready), .araddr(control_araddr),
        .rvalid(control_rvalid), .rready(control_rready), .rdata({control_rresp, control_rdata}),
        .accesses(accesses), .broken(broken[5])
    );

    // In a flush, and so in the safe state, nothing touches the array. The pins are registers: they
    // follow in the clock after.
    reg flush_before, touched;
    assign broken[6] = touched;
    initial {touched, flush_before} = 2'b00;
    always @(posedge clk) begin
        flush_before <= flush && !rst;
        if (!rst && flush && flush_before && (|pulse || |gate || |program_fire)) touched <= 1'b1;
    end

    array_pins #(
        .ROWS(ROWS), .COUNTERS(COUNTERS), .COUNT_BITS(COUNT_BITS), .BANKS(BANKS),
        .WINDOW_BITS(BLOCK_BITS + CODE_BITS + 6)
    ) array (
        .clk(clk), .rst(rst),
        .pulse(pulse), .negative(negative), .gate(gate), .description(description), .flush(flush),
        .counts_valid(counts_valid), .counts_ready(counts_ready), .counts(counts),
        .lengths(lengths), .polarity(polarity), .described(described), .window(window),
        .reads(reads), .integrated(integrated), .misdriven(misdriven), .waiting(waiting),
        .answer(answer), .answered(answered)
    );
endmodule
