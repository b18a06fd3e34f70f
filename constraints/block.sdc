# Timing of one block alone: the clock and the quarter of the period at the ports of `tile.sdc`.
# Ports of a block meet other blocks, not the world, so their paths are an estimate; paths between
# its flip-flops are not touched by it. No exceptions. Units: ns.

if {![info exists period]} { set period 1.0 }
set inputs {}
foreach port [all_inputs] {
    if {[get_property $port full_name] ne "clk"} { lappend inputs $port }
}
if {[llength [get_ports -quiet clk]]} {
    create_clock -name clk -period $period [get_ports clk]
} else {
    # Logic alone is timed against a clock that has no port.
    create_clock -name clk -period $period
}
if {[llength $inputs]} { set_input_delay [expr {$period / 4}] -clock clk $inputs }
set_output_delay [expr {$period / 4}] -clock clk [all_outputs]
