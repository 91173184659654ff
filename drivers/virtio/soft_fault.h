/* SPDX-License-Identifier: MIT */
/*
 * Faults of the software devices, each by name: told one (the word soft_fault=NAME), the
 * device breaks that one clause at the place where its honest code keeps it, and nothing
 * else. They exist to show that the tests see it: scripts/mutants reads this list too.
 * A fault never leaves the device dead: silence would be noticed by anybody.
 *
 *     FAULT(name, clause, what the device does)
 */
#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
#define SOFT_FAULTS(FAULT) \
    FAULT(offers_vlan_filter_without_queue, "dev:2.2.2-1", \
          "offers CTRL_VLAN and not the CTRL_VQ that it requires") \
    FAULT(refuses_a_legal_subset, "dev:2.2.2-2a", \
          "clears FEATURES_OK when INDIRECT_DESC comes without EVENT_IDX") \
    FAULT(takes_any_subset_and_fails, "dev:2.2.2-2b", \
          "keeps FEATURES_OK for a set that it then cannot work with") \
    FAULT(offers_an_undefined_bit, "dev:2.2.2-3", \
          "offers bit 45, which nobody has defined") \
    FAULT(refuses_a_set_the_second_time, "dev:2.2.2-4", \
          "clears FEATURES_OK for the set of the life before the last") \
    FAULT(serves_before_driver_ok, "dev:2.1.2-1", \
          "takes buffers as soon as it is kicked") \
    FAULT(hides_that_it_needs_reset, "dev:2.1.2-2", \
          "gives a broken queue up without DEVICE_NEEDS_RESET") \
    FAULT(needs_reset_silently, "dev:2.1.2-3", \
          "sets DEVICE_NEEDS_RESET and sends no notification") \
    FAULT(status_outlives_reset, "dev:2.4.1-1", \
          "keeps ACKNOWLEDGE over a reset") \
    FAULT(reset_forgets_a_queue, "dev:2.4.1-2", \
          "goes on with requests that were in flight when it was reset") \
    FAULT(config_comes_with_features_ok, "dev:2.5.2-1", \
          "shows zeroes in config space until FEATURES_OK") \
    FAULT(reset_queue_runs_on, "dev:2.6.1.1.1-1", \
          "serves the old ring of a queue that was reset") \
    FAULT(queue_reset_keeps_positions, "dev:2.6.1.1.1-2", \
          "goes on at the old used index after a queue reset") \
    FAULT(reset_queue_keeps_its_size, "dev:2.6.1.2.1-1", \
          "takes a queue into use again with the size it had before") \
    FAULT(wants_whole_headers, "dev:2.7.4.1-1", \
          "refuses a block header that is not in one descriptor") \
    FAULT(writes_into_readable_buffers, "dev:2.7.5.1-1a", \
          "marks what it has read in the driver's buffer") \
    FAULT(writes_into_descriptors, "dev:2.7.5.1-2", \
          "notes the written length in the descriptor table") \
    FAULT(minds_write_flag_of_tables, "dev:2.7.5.3.2-1", \
          "takes an indirect table with the WRITE flag for a buffer") \
    FAULT(no_tables_behind_descriptors, "dev:2.7.5.3.2-2", \
          "refuses an indirect table behind direct descriptors") \
    FAULT(used_event_without_the_feature, "dev:2.7.7.2-1", \
          "looks at used_event although EVENT_IDX was not accepted") \
    FAULT(ignores_no_interrupt, "dev:2.7.7.2-2", \
          "interrupts in spite of NO_INTERRUPT") \
    FAULT(every_second_interrupt, "dev:2.7.7.2-3", \
          "interrupts only where used idx is odd") \
    FAULT(no_interrupt_under_event_idx, "dev:2.7.7.2-4", \
          "minds NO_INTERRUPT although EVENT_IDX was accepted") \
    FAULT(used_event_off_by_one, "dev:2.7.7.2-5", \
          "interrupts one element behind used_event") \
    FAULT(interrupts_for_each_element, "dev:2.7.7.2-6", \
          "interrupts for every batch under EVENT_IDX") \
    FAULT(used_idx_before_element, "dev:2.7.8.2-1", \
          "moves used idx before it writes the element") \
    FAULT(used_len_one_too_long, "dev:2.7.8.2-2", \
          "claims one byte more than it wrote") \
    FAULT(used_data_comes_late, "dev:2.7.8.2-2", \
          "writes the start of the answer after used idx has moved") \
    FAULT(used_flags_beyond_one, "dev:2.7.10.2-1", \
          "sets bit 1 of the used ring's flags") \
    FAULT(no_notify_under_event_idx, "dev:2.7.10.2-3", \
          "sets NO_NOTIFY although EVENT_IDX was accepted") \
    FAULT(idle_kick_uses_a_buffer, "dev:2.7.10.2-5", \
          "uses the last element again when there is nothing to do") \
    FAULT(takes_stale_descriptors, "dev:2.8.15-2", \
          "looks at half of the two bits that make a packed descriptor available") \
    FAULT(touches_used_descriptors, "dev:2.8.15-3", \
          "clears the address of a packed descriptor that it used before") \
    FAULT(writes_into_readable_packed, "dev:2.8.15-1a", \
          "marks what it has read in the driver's buffer, on packed rings") \
    FAULT(swaps_pieces_of_a_list, "dev:2.8.18-1", \
          "takes the second descriptor of a packed list before the first") \
    FAULT(uses_out_of_order, "dev:6.2-5", \
          "serves the first of several requests last although IN_ORDER was accepted") \
    FAULT(suspends_too_early, "dev:3.4.2-1", \
          "takes SUSPEND before DRIVER_OK") \
    FAULT(works_while_suspended, "dev:3.4.2-3", \
          "serves one request after the other while SUSPEND shows") \
    FAULT(never_suspends, "dev:3.4.2-6", \
          "ignores a request to suspend") \
    FAULT(never_resumes, "dev:3.4.2-7", \
          "stays suspended when DRIVER_OK is set") \
    FAULT(suspends_without_a_word, "dev:3.4.2-8", \
          "shows SUSPEND without signalling what it has used") \
    FAULT(hides_version_1, "dev:6.2-1", \
          "does not offer VERSION_1") \
    FAULT(offers_sr_iov, "dev:6.2-9b", \
          "offers SR_IOV without the capability") \
    FAULT(no_random_bytes, "dev:5.4.6.2-1a", \
          "uses a buffer for no bytes at all") \
    FAULT(never_flushes, "dev:5.2.5.2-1a", \
          "offers neither FLUSH nor CONFIG_WCE") \
    FAULT(cache_mode_without_flush, "dev:5.2.5.2-1b", \
          "offers CONFIG_WCE without FLUSH") \
    FAULT(writeback_from_the_start, "dev:5.2.5.2-2", \
          "shows a write-back cache to a driver without FLUSH") \
    FAULT(padding_is_not_zero, "dev:5.2.5.2-3", \
          "leaves old bytes in the padding of config space") \
    FAULT(read_only_disk_says_ok, "dev:5.2.6.2-3a", \
          "answers a write to a read-only disk with OK") \
    FAULT(read_only_disk_is_written, "dev:5.2.6.2-3b", \
          "writes to a read-only disk, whatever it answers") \
    FAULT(ignores_unknown_flags, "dev:5.2.6.2-4", \
          "does not look at reserved flags of a segment") \
    FAULT(discard_takes_unmap, "dev:5.2.6.2-5", \
          "accepts unmap on a discard") \
    FAULT(zeroes_all_but_the_last, "dev:5.2.6.2-8", \
          "leaves the last sector of a range as it was") \
    FAULT(zone_requests_fail, "dev:5.2.6.2-16", \
          "answers zone requests with IOERR") \
    FAULT(no_emergency_before_ok, "dev:5.3.5.1-1", \
          "drops emergency writes on a device that is not set up") \
    FAULT(emergency_high_byte, "dev:5.3.5.1-2", \
          "sends the second byte of emerg_wr") \
    FAULT(adds_a_port_twice, "dev:5.3.6.2.1-1", \
          "announces port 0 once more behind the last") \
    FAULT(tiny_mtu, "dev:5.1.4.1-2", \
          "shows an mtu of 60") \
    FAULT(small_mtu, "dev:5.1.4.1-3", \
          "shows an mtu of 1000") \
    FAULT(mtu_moves, "dev:5.1.4.1-4", \
          "shows another mtu after each reset") \
    FAULT(drops_long_frames, "dev:5.1.4.1-6", \
          "drops frames of more than 1000 bytes") \
    FAULT(speed_out_of_range, "dev:5.1.4.1-10", \
          "shows a speed of 0x80000000") \
    FAULT(duplex_out_of_range, "dev:5.1.4.1-11", \
          "shows a duplex of 2") \
    FAULT(extra_modes_without_queue, "dev:5.1.4.1-14", \
          "offers CTRL_RX_EXTRA without CTRL_VQ") \
    FAULT(minds_unknown_header_flags, "dev:5.1.9.2.2-1", \
          "drops frames with header flags it does not know") \
    FAULT(checksums_unasked, "dev:5.1.9.2.2-2", \
          "fills in a checksum where NEEDS_CSUM is clear") \
    FAULT(merged_used_one_by_one, "dev:5.1.9.3.2-1", \
          "shows the buffers of one frame in two steps") \
    FAULT(takes_two_buffers, "dev:5.1.9.3.2-2", \
          "uses one buffer more than a frame needs") \
    FAULT(num_buffers_is_zero, "dev:5.1.9.4.1-1", \
          "leaves num_buffers 0 without MRG_RXBUF") \
    FAULT(num_buffers_one_short, "dev:5.1.9.4.1-2", \
          "counts one buffer too few for a frame") \
    FAULT(merged_not_filled, "dev:5.1.9.4.1-3", \
          "leaves room in all buffers of a frame") \
    FAULT(merged_not_together, "dev:5.1.9.4.1-4", \
          "uses the last buffer of a frame later") \
    FAULT(data_valid_unasked, "dev:5.1.9.4.1-5a", \
          "says DATA_VALID without GUEST_CSUM") \
    FAULT(gso_type_unasked, "dev:5.1.9.4.1-21", \
          "gives a received frame a gso_type") \
    FAULT(rsc_info_unasked, "dev:5.1.9.4.1-24", \
          "says RSC_INFO without RSC_EXT") \
    FAULT(refuses_all_multicast, "dev:5.1.9.5.1.1-1", \
          "answers ALLMULTI with an error") \
    FAULT(promiscuous_without_multicast, "dev:5.1.9.5.1.1-2", \
          "drops multicast in promiscuous mode") \
    FAULT(promiscuous_loses, "dev:5.1.9.5.1.1-3", \
          "lets NOUNI win over promiscuous mode") \
    FAULT(all_multicast_ipv4_only, "dev:5.1.9.5.1.1-4", \
          "lets only groups of IPv4 pass in ALLMULTI") \
    FAULT(refuses_extra_modes, "dev:5.1.9.5.1.1-5", \
          "answers NOMULTI with an error") \
    FAULT(all_unicast_does_nothing, "dev:5.1.9.5.1.1-6", \
          "ignores ALLUNI") \
    FAULT(no_multicast_does_nothing, "dev:5.1.9.5.1.1-7", \
          "ignores NOMULTI") \
    FAULT(all_multicast_wins, "dev:5.1.9.5.1.1-8", \
          "lets ALLMULTI win over NOMULTI") \
    FAULT(no_multicast_no_broadcast, "dev:5.1.9.5.1.1-9", \
          "drops broadcasts in NOMULTI") \
    FAULT(no_unicast_does_nothing, "dev:5.1.9.5.1.1-10", \
          "ignores NOUNI") \
    FAULT(all_unicast_wins, "dev:5.1.9.5.1.1-11", \
          "lets ALLUNI win over NOUNI") \
    FAULT(no_broadcast_does_nothing, "dev:5.1.9.5.1.1-12", \
          "ignores NOBCAST") \
    FAULT(all_multicast_has_broadcast, "dev:5.1.9.5.1.1-13", \
          "lets ALLMULTI win over NOBCAST") \
    FAULT(mac_table_outlives_reset, "dev:5.1.9.5.2.1-1", \
          "keeps the table of addresses over a reset") \
    FAULT(mac_table_loses_the_first, "dev:5.1.9.5.2.1-2", \
          "drops the first address of each table") \
    FAULT(mac_not_in_config, "dev:5.1.9.5.2.1-3", \
          "takes a new address and does not show it") \
    FAULT(strangers_pass, "dev:5.1.9.5.2.1-4", \
          "lets frames pass that are for nobody here") \
    FAULT(vlans_filtered_unasked, "dev:5.1.9.5.3.1-1", \
          "drops tagged frames without CTRL_VLAN") \
    FAULT(one_vlan_only, "dev:5.1.9.5.3.1-2a", \
          "forgets all other ids when one is added") \
    FAULT(unlisted_vlans_pass, "dev:5.1.9.5.3.1-2b", \
          "lets ids pass that nobody listed")
/* clang-format on */

typedef enum SoftFault {
    SOFT_FAULT_NONE,
#define SOFT_FAULT_ENUM(name, clause, what) SOFT_FAULT_##name,
    SOFT_FAULTS(SOFT_FAULT_ENUM)
#undef SOFT_FAULT_ENUM
} SoftFault;

extern SoftFault soft_fault_chosen;

/* True when this is the fault that was asked for. */
#define soft_fault(name) (soft_fault_chosen == SOFT_FAULT_##name)

/* Chooses a fault by its name, words joined by hyphens; false when there is none. */
bool soft_fault_choose(const char *name);
/* All names, separated by blanks. */
void soft_fault_names(char *to, size_t bytes);

#endif
