/* SPDX-License-Identifier: MIT */
/*
 * Administration virtqueues of software devices (2.13): buffers of any length, and
 * commands in their order. Two commands of 2.12.1 are here, LIST_QUERY and LIST_USE, and
 * the checks that all commands have in common. There is always a self group, and an
 * SR-IOV group where no registers are modelled.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(bad_commands_are_busy, "dev:2.12.1.5-1",
           "answers EBUSY instead of EINVAL where a group or opcode is unknown");
SOFT_FAULT(bad_group_is_an_opcode, "dev:2.12.1.5-2",
           "says INVALID_OPCODE where the group is unknown");
SOFT_FAULT(bad_opcode_is_a_command, "dev:2.12.1.5-3",
           "says INVALID_COMMAND where the opcode is unknown");
SOFT_FAULT(bad_member_is_a_field, "dev:2.12.1.5-4",
           "says INVALID_FIELD where the member is unknown");
SOFT_FAULT(bad_commands_are_done, "dev:2.12.1.5-6",
           "answers OK where a group or opcode is unknown");
SOFT_FAULT(failed_list_use_forgets_the_list, "dev:2.12.1.5-7a",
           "uses no commands any more after a LIST_USE that failed");
SOFT_FAULT(bad_command_breaks_the_device, "dev:2.12.1.5-7c",
           "needs a reset after a command that it does not know");
SOFT_FAULT(one_list_for_all_groups, "dev:2.12.1.5-10a",
           "uses the commands of one group for all");
SOFT_FAULT(legal_before_list_use, "dev:2.12.1.5-11",
           "takes every command before LIST_USE");
SOFT_FAULT(keeps_the_first_list, "dev:2.12.1.5-12",
           "goes on with the list of the first LIST_USE");
SOFT_FAULT(looks_at_no_list, "dev:2.12.1.5-13a",
           "takes every command after any LIST_USE");
SOFT_FAULT(unlisted_is_a_bad_command, "dev:2.12.1.5-13b",
           "says INVALID_COMMAND for a command outside the list");
SOFT_FAULT(list_shrinks_to_its_use, "dev:2.12.1.5-14a",
           "reports only the commands that are used");
SOFT_FAULT(list_shrinks_after_a_life, "dev:2.12.1.5-14c",
           "reports no capability commands after its first life that used some");
SOFT_FAULT(list_use_wants_a_query, "dev:2.12.1.5-15a",
           "answers EAGAIN to a LIST_USE before any LIST_QUERY");
SOFT_FAULT(list_use_of_old_is_invalid, "dev:2.12.1.5-15b",
           "answers EINVAL to the list of an earlier life before any LIST_QUERY");
SOFT_FAULT(group_without_vfs_is_there, "dev:2.12.1.5-17a",
           "answers LIST_QUERY for an SR-IOV group without virtual functions");
SOFT_FAULT(one_member_too_many, "dev:2.12.1.5-17b",
           "takes the number behind the last virtual function for the last");
SOFT_FAULT(missing_bytes_are_ones, "dev:2.13.1-1",
           "reads ones where the readable part ends early");
SOFT_FAULT(counts_the_whole_buffer, "dev:2.13.1-2",
           "claims to have written all of a larger buffer");
SOFT_FAULT(writes_past_what_it_counts, "dev:2.13.1-2",
           "writes zeroes behind the end of its answer");
SOFT_FAULT(leaves_reserved_bytes, "dev:2.13.1-3", "leaves the reserved field as it was");
SOFT_FAULT(refuses_other_lengths, "dev:2.13.1-4",
           "answers EINVAL where a buffer is longer than its structure");
SOFT_FAULT(writes_four_bytes_less, "dev:2.13.1-5",
           "leaves the last four bytes of its answer out");
SOFT_FAULT(qualifier_is_left_out, "dev:2.13.1-6",
           "does not write the qualifier of a command that failed");
SOFT_FAULT(swaps_commands, "dev:2.13.1-7", "serves the second of two commands first");
SOFT_FAULT(legacy_without_common_read, "dev:2.12.1.1.6-1",
           "has three of the four legacy commands");
SOFT_FAULT(capabilities_of_another_group, "dev:2.12.1.2.4-5",
           "answers ENXIO to capability commands that are not for the self group");
SOFT_FAULT(capabilities_without_set, "dev:2.12.1.2.4-1",
           "has no command to set a capability");
SOFT_FAULT(parts_without_metadata, "dev:2.12.1.4.4.1-1",
           "has no command for the metadata of parts");

void soft_admin_init(SoftDevice *s)
{
    s->admin = page_alloc((sizeof(*s->admin) + PAGE_BYTES - 1) / PAGE_BYTES);
    qvirtio_features_set(&s->offered, VIRTIO_F_ADMIN_VQ);
}

void soft_admin_reset(SoftDevice *s)
{
    static SoftAdmin old;
    SoftAdmin *a = s->admin;

    if (!a) {
        return;
    }
    old = *a;
    memset(a, 0, sizeof(*a));
    for (unsigned i = 0; i < SOFT_ADMIN_GROUPS; i++) {
        a->before[i] = old.was_busy ? 0 : old.legal[i];
    }
    soft_admin_cap_reset(a, &old);
    soft_admin_object_reset(a, &old);
}

int soft_sriov_vfs(QVirtioDevice *d, uint16_t *vfs)
{
    const SoftDevice *s = d->bus_data;
    *vfs = s->model->admin && s->model->admin->member_id && !s->is_modelled;
    return 0;
}

QVirtioDevice *soft_sriov_member(QVirtioDevice *d, uint16_t vf)
{
    const SoftAdminKind *kind = ((const SoftDevice *)d->bus_data)->model->admin;
    (void)vf;
    return &soft_find(kind->member_id, kind->member_index)->dev;
}

void soft_command_data(const SoftCommand *c, uint32_t off, void *to, uint32_t bytes)
{
    uint32_t had = 0;
    memset(to, soft_fault(missing_bytes_are_ones) ? 0xff : 0, bytes);
    if (off < c->data_bytes) {
        had = c->data_bytes - off < bytes ? c->data_bytes - off : bytes;
    }
    qvirtqueue_element_read(c->e, sizeof(struct virtio_admin_cmd_head) + off, to, had);
}

void soft_command_result(SoftCommand *c, const void *from, uint32_t bytes)
{
    uint32_t left = sizeof(c->result) - c->result_bytes;
    bytes = bytes < left ? bytes : left;
    memcpy(c->result + c->result_bytes, from, bytes);
    c->result_bytes += bytes;
}

uint16_t soft_command_invalid(SoftCommand *c, uint16_t qualifier)
{
    c->qualifier = qualifier;
    return VIRTIO_ADMIN_STATUS_EINVAL;
}

/* Returns the commands that the device has for a group, one bit each. */
static uint64_t supported(const SoftDevice *s, uint16_t group)
{
    const SoftAdminKind *kind = s->model->admin;
    uint64_t bits = ADMIN_LIST_BITS;

    if (group == VIRTIO_ADMIN_GROUP_TYPE_SELF) {
        bits |= kind->cap_count ? ADMIN_CAP_BITS : 0;
        bits &= soft_fault(capabilities_without_set)
                    ? ~ADMIN_BIT(VIRTIO_ADMIN_CMD_DRIVER_CAP_SET)
                    : ~0ull;
    } else {
        bits |= ADMIN_PART_BITS | ADMIN_LEGACY_BITS |
                ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_NOTIFY_INFO);
        bits &= soft_fault(legacy_without_common_read)
                    ? ~ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ)
                    : ~0ull;
        bits &= soft_fault(parts_without_metadata)
                    ? ~ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET)
                    : ~0ull;
    }
    for (unsigned i = 0; i < kind->object_count; i++) {
        bits |= kind->objects[i].group == group ? ADMIN_OBJECT_BITS : 0;
    }
    return bits;
}

static uint16_t list_query(SoftCommand *c)
{
    SoftAdmin *a = c->s->admin;
    uint64_t bits = supported(c->s, c->group);

    if (soft_fault(list_shrinks_to_its_use) && a->legal[c->group]) {
        bits &= a->legal[c->group];
    }
    if (soft_fault(list_shrinks_after_a_life) && a->before[c->group] & ADMIN_CAP_BITS &&
        !a->was_asked[c->group]) {
        bits &= ~ADMIN_CAP_BITS;
    }
    a->was_asked[c->group] = true;
    le64 list = le64_of(bits);
    soft_command_result(c, &list, sizeof(list));
    return VIRTIO_ADMIN_STATUS_OK;
}

/* The list names only commands that there are. None has a bit in the words behind the
 * first, which must be zero. */
static bool is_list_known(const SoftCommand *c, uint64_t bits)
{
    bool is_known = !(bits & ~supported(c->s, c->group));
    for (uint32_t off = 8; off < c->data_bytes; off += 8) {
        le64 more;
        soft_command_data(c, off, &more, sizeof(more));
        is_known &= le64_get(more) == 0;
    }
    return is_known;
}

static uint16_t list_use(SoftCommand *c)
{
    SoftAdmin *a = c->s->admin;
    uint64_t *legal = &a->legal[c->group];
    le64 list;

    soft_command_data(c, 0, &list, sizeof(list));
    uint64_t bits = le64_get(list);
    bool is_old = bits == a->before[c->group] && !a->was_asked[c->group];
    if (!is_list_known(c, bits) || (is_old && soft_fault(list_use_of_old_is_invalid))) {
        *legal = soft_fault(failed_list_use_forgets_the_list) ? ADMIN_LIST_BITS : *legal;
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (soft_fault(list_use_wants_a_query) && !a->was_asked[c->group]) {
        return VIRTIO_ADMIN_STATUS_EAGAIN;
    }
    if (!(*legal && soft_fault(keeps_the_first_list))) {
        *legal = bits;
    }
    for (unsigned i = 0; i < SOFT_ADMIN_GROUPS && soft_fault(one_list_for_all_groups);
         i++) {
        a->legal[i] |= bits | supported(c->s, (uint16_t)i);
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

/* 2.12.1.5: "the list of legal commands used by the driver consists of the two commands"
 * until it is set. */
static bool is_legal(const SoftCommand *c)
{
    uint64_t legal = c->s->admin->legal[c->group];
    if (legal ? soft_fault(looks_at_no_list) : soft_fault(legal_before_list_use)) {
        return true;
    }
    return (legal ? legal : ADMIN_LIST_BITS) >> c->opcode & 1;
}

static bool finds_member(SoftCommand *c)
{
    uint64_t last = 1 + soft_fault(one_member_too_many);

    if (c->group == VIRTIO_ADMIN_GROUP_TYPE_SELF) {
        return c->member_id == 0;
    }
    if (!c->s->model->admin->member_id || c->member_id < 1 || c->member_id > last) {
        return false;
    }
    c->member = soft_sriov_member(&c->s->dev, 1)->bus_data;
    return true;
}

static bool is_there(SoftDevice *s, uint16_t group)
{
    uint16_t vfs;
    soft_sriov_vfs(&s->dev, &vfs);
    return group == VIRTIO_ADMIN_GROUP_TYPE_SELF ||
           (group == VIRTIO_ADMIN_GROUP_TYPE_SRIOV &&
            (vfs || soft_fault(group_without_vfs_is_there)));
}

/* Checks the command's group, its opcode, then its member (2.12.1.5). Returns the
 * qualifier. */
static uint16_t fault_of(SoftCommand *c)
{
    if (!is_there(c->s, c->group)) {
        return soft_fault(bad_group_is_an_opcode) ? VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE
                                                  : VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP;
    }
    if (c->opcode >= VIRTIO_ADMIN_CMDS || !(supported(c->s, c->group) >> c->opcode & 1)) {
        if (soft_fault(bad_command_breaks_the_device)) {
            soft_needs_reset(c->s);
        }
        return soft_fault(bad_opcode_is_a_command) ? VIRTIO_ADMIN_STATUS_Q_INVALID_COMMAND
                                                   : VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE;
    }
    if (!is_legal(c)) {
        return soft_fault(unlisted_is_a_bad_command)
                   ? VIRTIO_ADMIN_STATUS_Q_INVALID_COMMAND
                   : VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE;
    }
    if (!(ADMIN_LIST_BITS >> c->opcode & 1) && !finds_member(c)) {
        return soft_fault(bad_member_is_a_field) ? VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD
                                                 : VIRTIO_ADMIN_STATUS_Q_INVALID_MEMBER;
    }
    return VIRTIO_ADMIN_STATUS_Q_OK;
}

static uint16_t execute(SoftCommand *c)
{
    uint64_t bit = ADMIN_BIT(c->opcode % 64);

    if (c->opcode == VIRTIO_ADMIN_CMD_LIST_QUERY) {
        return list_query(c);
    }
    if (c->opcode == VIRTIO_ADMIN_CMD_LIST_USE) {
        return list_use(c);
    }
    c->s->admin->was_busy = true;
    return bit & ADMIN_CAP_BITS      ? soft_admin_capability(c)
           : bit & ADMIN_OBJECT_BITS ? soft_admin_object(c)
           : bit & ADMIN_PART_BITS   ? soft_admin_parts(c)
                                     : soft_admin_legacy(c);
}

static uint16_t judge(SoftCommand *c)
{
    bool is_long = c->data_bytes > 0 && c->opcode == VIRTIO_ADMIN_CMD_LIST_QUERY;

    c->qualifier = fault_of(c);
    if (c->qualifier && c->group && c->opcode < VIRTIO_ADMIN_CMDS &&
        ADMIN_BIT(c->opcode) & ADMIN_CAP_BITS &&
        soft_fault(capabilities_of_another_group)) {
        return VIRTIO_ADMIN_STATUS_ENXIO;
    }
    if (c->qualifier) {
        return soft_fault(bad_commands_are_done)   ? VIRTIO_ADMIN_STATUS_OK
               : soft_fault(bad_commands_are_busy) ? VIRTIO_ADMIN_STATUS_EBUSY
                                                   : VIRTIO_ADMIN_STATUS_EINVAL;
    }
    if (is_long && soft_fault(refuses_other_lengths)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_COMMAND);
    }
    return execute(c);
}

/* Writes the answer, as far as there is room for it. Returns how many bytes that was. */
static uint32_t answer(SoftCommand *c, uint16_t status)
{
    struct virtio_admin_cmd_tail tail = {.status = le16_of(status),
                                         .status_qualifier = le16_of(c->qualifier)};
    uint32_t bytes = sizeof(tail) + (status ? 0 : (c->result_bytes + 7) & ~7u);
    uint32_t room = c->e->in_bytes;

    bytes -= soft_fault(writes_four_bytes_less) ? 4 : 0;
    qvirtqueue_element_write(c->e, 0, &tail,
                             soft_fault(qualifier_is_left_out) && status ? 2
                             : soft_fault(leaves_reserved_bytes)         ? 4
                             : bytes < sizeof(tail)                      ? bytes
                                                                         : sizeof(tail));
    if (bytes > sizeof(tail)) {
        qvirtqueue_element_write(c->e, sizeof(tail), c->result, bytes - sizeof(tail));
    }
    if (soft_fault(writes_past_what_it_counts) && bytes < room) {
        qvirtqueue_element_write(c->e, bytes, "", 1);
    }
    bytes = soft_fault(counts_the_whole_buffer) ? room : bytes;
    return bytes < room ? bytes : room;
}

static void serve(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e)
{
    static SoftCommand c;
    struct virtio_admin_cmd_head head;
    uint32_t tail_bytes = sizeof(struct virtio_admin_cmd_tail);

    memset(&head, soft_fault(missing_bytes_are_ones) ? 0xff : 0, sizeof(head));
    qvirtqueue_element_read(e, 0, &head, sizeof(head));
    memset(&c, 0, sizeof(c));
    c.s = s;
    c.e = e;
    c.opcode = le16_get(head.opcode);
    c.group = le16_get(head.group_type);
    c.member_id = le64_get(head.group_member_id);
    c.data_bytes = e->out_bytes > sizeof(head) ? e->out_bytes - sizeof(head) : 0;
    c.room = e->in_bytes > tail_bytes ? e->in_bytes - tail_bytes : 0;
    uint16_t status = judge(&c);
    soft_push(s, queue, e, answer(&c, status));
}

void soft_admin_run(SoftDevice *s, uint16_t queue)
{
    static QVirtQueueElement first;
    const QVirtQueueElement *e;

    while ((e = soft_pop(s, queue)) != NULL) {
        if (soft_fault(swaps_commands)) {
            first = *e;
            e = soft_pop(s, queue);
            if (e) {
                serve(s, queue, e);
            }
            e = &first;
        }
        serve(s, queue, e);
    }
}
