# Timing of the tile: one clock for rows, readout, NMPU and buses, at the 1 GHz of the published
# pulse-width modulation (Khaddam-Aljameh et al., JSSC 57, 1027, 2022: 1 ns per step).

create_clock -name clk -period 1.0 [get_ports clk]

# A quarter of the period outside on either side. The analog macro holds the counts from `valid` to
# `ready`, and the row pins come from flip-flops, so neither needs an exception.
set_input_delay 0.25 -clock clk [get_ports {rst
    control__awvalid control__awaddr* control__awprot*
    control__wvalid control__wdata* control__wstrb* control__bready
    control__arvalid control__araddr* control__arprot* control__rready
    x__tvalid x__tdata* x__tlast y__tready counts__valid counts__payload*}]
set_output_delay 0.25 -clock clk [all_outputs]
