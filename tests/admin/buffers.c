/* SPDX-License-Identifier: MIT */
/*
 * Buffers of administration virtqueues (2.13.1): buffers shorter and longer than the
 * structures, buffers in pieces, and which bytes of them the device writes. Another test
 * proves that commands are served in order.
 */
#include "tests/admin/admin_lib.h"

#define TAIL   sizeof(struct virtio_admin_cmd_tail)
#define HEAD   sizeof(struct virtio_admin_cmd_head)
#define SPARE  64
#define PIECES 5

/* Sends a command that every device has, which must end with OK. */
static bool query(Test *t, QVirtioDevice *dev, AdminCommand *c)
{
    return admin_ends(t, dev, "dev:2.13.1-4", c, VIRTIO_ADMIN_STATUS_OK);
}

/* Returns whether the device has left the answer as it was from byte `from` on. */
static bool is_filled(const AdminCommand *c, uint32_t from)
{
    while (from < c->in_bytes && c->answer[from] == ADMIN_FILL) {
        from++;
    }
    return from == c->in_bytes;
}

/* "The device MUST NOT fail a command solely because the buffers provided are shorter or
 * longer than described". The group and the member of the query are cut off; they are
 * zero anyway. */
ADMIN_TEST(short_readable_part_is_taken, .violates = "2.13.2")
{
    AdminCommand whole = {.result_bytes = 8};

    if (!query(t, dev, &whole)) {
        return;
    }
    for (uint32_t bytes = 8; bytes < HEAD; bytes += 8) {
        AdminCommand c = {.out_bytes = bytes, .result_bytes = 8};
        if (!query(t, dev, &c) || !require_same(t, c.result, whole.result, 8)) {
            return;
        }
    }
}

/* "acting as if any data that would be read outside the device-readable buffers is set to
 * zero". A command without its data must therefore ask for capability 0. */
ADMIN_TEST(missing_data_is_zero, .violates = "2.13.2")
{
    const struct virtio_admin_cmd_cap_data zero = {.id = le16_of(0)};
    AdminCommand c[] = {{.opcode = VIRTIO_ADMIN_CMD_DEVICE_CAP_GET, .result_bytes = 8},
                        {.opcode = VIRTIO_ADMIN_CMD_DEVICE_CAP_GET, .result_bytes = 8}};

    c[0].data = &zero;
    c[0].data_bytes = sizeof(zero);
    if (admin_uses_all(t, dev, SELF, ADMIN_BIT(c[0].opcode)) &&
        admin_sends(t, dev, &c[0]) && admin_sends(t, dev, &c[1])) {
        expect_eq(t, "dev:2.13.1-1", c[1].status, c[0].status);
        expect_same(t, "dev:2.13.1-1", c[1].answer, c[0].answer, TAIL + 8);
    }
}

/* "discarding data that would be written outside the specified device-writeable buffers":
 * the device must write the status even where the list has no room. */
ADMIN_TEST(short_writable_part_gets_the_status)
{
    AdminCommand c = {.in_bytes = TAIL};

    query(t, dev, &c);
}

/* "ignoring any data in device-readable buffers outside the expected length". */
ADMIN_TEST(long_readable_part_is_ignored)
{
    AdminCommand c = {.out_bytes = HEAD + SPARE, .padding = 0xff, .result_bytes = 8};
    AdminCommand whole = {.result_bytes = 8};

    if (query(t, dev, &whole) && query(t, dev, &c)) {
        require_same(t, c.result, whole.result, 8);
    }
}

/* "only writing the expected structure to the device-writeable buffers, ignoring any
 * extra buffers, and reporting the actual length of data written". A device may report a
 * list with more zeroes at its end than it needs. */
ADMIN_TEST(long_writable_part_stays_unwritten, .rings = RINGS_ALL)
{
    AdminCommand c = {.in_bytes = 4096};
    const le64 list = le64_of(3);
    AdminCommand use = admin_list_use(&list, SELF);

    use.in_bytes = 4096;
    if (query(t, dev, &c) && query(t, dev, &use)) {
        expect_that(t, "dev:2.13.1-2", is_filled(&c, c.used),
                    "nothing written beyond the used length", "used %u", c.used);
        expect_eq(t, "dev:2.13.1-2", use.used, TAIL);
    }
}

/* "The device SHOULD initialize the device-writeable buffer up to the length of the
 * structure described by this specification ... (even if the buffer is all set to zero)".
 */
ADMIN_TEST(reserved_bytes_are_written)
{
    AdminCommand c = {.result_bytes = 8};

    if (query(t, dev, &c)) {
        expect_eq(t, "dev:2.13.1-3",
                  c.answer[4] | c.answer[5] | c.answer[6] | c.answer[7], 0);
    }
}

/* "The device MUST initialize the device-writeable part of struct virtio_admin_cmd that
 * is a multiple of 64 bit in size." */
ADMIN_TEST(written_part_is_a_multiple_of_64_bits)
{
    const le64 list = le64_of(3);
    AdminCommand c = {.in_bytes = 4096}, use = admin_list_use(&list, SELF);

    if (admin_sends(t, dev, &c) && admin_sends(t, dev, &use)) {
        expect_eq(t, "dev:2.13.1-5", c.used % 8, 0);
        expect_eq(t, "dev:2.13.1-5", use.used % 8, 0);
        expect_ge(t, "dev:2.13.1-5", use.used, TAIL);
    }
}

/* "The device MUST initialize status and status_qualifier": it must do so for success and
 * for failure. */
ADMIN_TEST(status_is_always_written, .violates = "2.12.1.6")
{
    AdminCommand good = {.result_bytes = 8}, bad = {.opcode = 0x7ff0};
    const uint16_t unwritten = ADMIN_FILL << 8 | ADMIN_FILL;

    if (admin_sends(t, dev, &good) && admin_sends(t, dev, &bad)) {
        expect_ne(t, "dev:2.13.1-6", good.status, unwritten);
        expect_ne(t, "dev:2.13.1-6", good.qualifier, unwritten);
        expect_ne(t, "dev:2.13.1-6", bad.status, unwritten);
        expect_ne(t, "dev:2.13.1-6", bad.qualifier, unwritten);
    }
}

/* "The framing of messages with descriptors is independent of the contents of the
 * buffers" (2.7.4; packed rings: 2.8.5): it does not matter how a command is divided. */
ADMIN_TEST(command_in_pieces_is_the_same, .rings = RINGS_ALL)
{
    AdminCommand whole = {.result_bytes = 8}, c = {.result_bytes = 8, .pieces = PIECES};

    if (query(t, dev, &whole) && query(t, dev, &c)) {
        expect_same(t, t->ring->is_packed ? "virtio 2.8.5" : "virtio 2.7.4", c.answer,
                    whole.answer, TAIL + 8);
    }
}

ADMIN_TEST(each_queue_serves_commands)
{
    AdminCommand c = {.queue = 1, .result_bytes = 8};
    uint16_t first, count;

    if (require_ok(t, qvirtio_admin_queues(dev, &first, &count)) && count > 1) {
        query(t, dev, &c);
    } else if (!t->has_failed) {
        test_skip(t, "the device has only one administration virtqueue");
    }
}

/* Adds a command for object 0; the caller waits for its answer. */
static bool add(AdminObjects *o, AdminCommand *c, uint16_t opcode,
                struct virtio_admin_cmd_resource_obj_data *data)
{
    *data = (struct virtio_admin_cmd_resource_obj_data){
        .hdr = {.type = le16_of(o->kind->type)}};
    *c = (AdminCommand){.opcode = opcode,
                        .group = o->kind->group,
                        .member = o->member,
                        .data = data,
                        .data_bytes = sizeof(*data),
                        .result_bytes = o->kind->bytes};
    return require_ok(o->t, admin_add(o->dev, c));
}

/* "The device MUST process commands on a given administration virtqueue in the order in
 * which they are queued": the first command destroys an object, so the second must not
 * find it. */
ADMIN_TEST(commands_are_served_in_order, .rings = RINGS_ALL)
{
    AdminObjects o;
    AdminCommand c[2];
    struct virtio_admin_cmd_resource_obj_data data[2];
    QVirtioUsed used;

    if (!admin_objects_begin(t, dev, &o) || !admin_created(&o, 0, 0) ||
        !add(&o, &c[0], VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY, &data[0]) ||
        !add(&o, &c[1], o.query, &data[1])) {
        return;
    }
    QVirtQueue *vq = qvirtio_admin_queue(dev, 0);
    qvirtqueue_kick(vq);
    for (unsigned i = 0; i < 2; i++) {
        if (!require_ok(t, qvirtqueue_wait(vq, &used))) {
            return;
        }
        admin_take(used.token, used.len);
    }
    expect_eq(t, "dev:2.13.1-7", c[0].status, VIRTIO_ADMIN_STATUS_OK);
    expect_ne(t, "dev:2.13.1-7", c[1].status, VIRTIO_ADMIN_STATUS_OK);
}
