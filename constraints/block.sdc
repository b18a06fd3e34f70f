# Timing of one block alone: the clock and the quarter of the period at the ports of `tile.sdc`.
# Ports of a block meet other blocks, not the world, so their paths are an estimate; paths between
# its flip-flops are not touched by it. No exceptions. Units: ns.

if {![info exists period]} { set period 1.0 }
create_clock -name clk -period $period [get_ports clk]
set inputs {}
foreach port [all_inputs] {
    if {[get_property $port full_name] ne "clk"} { lappend inputs $port }
}
set_input_delay [expr {$period / 4}] -clock clk $inputs
set_output_delay [expr {$period / 4}] -clock clk [all_outputs]
