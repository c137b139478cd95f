/*
 * The full check of a program before its first step. What it promises to the rest of the core: every
 * offset, slot, stream, jump and table lies inside the program, and every string ends inside it.
 */
#include "core.h"

struct checked {
    const uint8_t *bytes;
    struct rung_header header;
    const struct rung_step *steps;
    const uint8_t *data;
    const uint8_t *relocs;
};

static uint32_t u32_at(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t u64_at(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static const char *check_header(struct checked *c, uint32_t size) {
    if (size < sizeof c->header || size > RUNG_MAX_SIZE) return "size of the program";
    memcpy(&c->header, c->bytes, sizeof c->header);
    const struct rung_header *h = &c->header;
    if (h->magic != RUNG_MAGIC) return "magic";
    if (h->version != RUNG_VERSION) return "version";
#if defined(__x86_64__)
    if (h->machine != RUNG_MACHINE_X86_64) return "machine";
#else
    if (h->machine != RUNG_MACHINE_AARCH64) return "machine";
#endif
    if (h->size != size) return "size in the header";
    if (h->steps > RUNG_MAX_STEPS || h->steps_at != sizeof *h) return "steps";
    if (h->data_at != h->steps_at + h->steps * sizeof(struct rung_step)) return "data offset";
    if (h->data_at > size || h->data_size < 1 || h->data_size > size - h->data_at) return "data size";
    if (c->bytes[h->data_at] != 0 || c->bytes[h->data_at + h->data_size - 1] != 0)
        return "data that neither starts nor ends with NUL";
    if (h->slots > RUNG_MAX_SLOTS) return "slots";
    if (h->streams < 1 || h->streams > RUNG_MAX_STREAMS) return "streams";
    for (uint32_t s = 0; s < RUNG_MAX_STREAMS; s++) {
        uint32_t from = s == 0 ? 0 : h->stream_at[s - 1];
        if (s < h->streams ? h->stream_at[s] < from || h->stream_at[s] > h->steps
                           : h->stream_at[s] != 0)
            return "stream";
    }
    if (h->stream_at[0] != 0) return "stream";
    if (h->relocs_at != ((h->data_at + h->data_size + 3) & ~3u)) return "relocations offset";
    if (h->relocs_at > size || h->relocs != (size - h->relocs_at) / 4 || (size - h->relocs_at) % 4)
        return "relocations";
    if (h->init_slot > h->slots) return "init slot";
    if (h->reserved[0] || h->reserved[1]) return "reserved field";
    return NULL;
}

static bool relocated(const struct checked *c, uint64_t at) {
    /* Relocations are sorted (checked first), so a table's entries are found by halving. */
    uint32_t low = 0, high = c->header.relocs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t offset = u32_at(c->relocs + 4 * middle);
        if (offset == at) return true;
        if (offset < at) low = middle + 1;
        else high = middle;
    }
    return false;
}

static const char *check_relocs(const struct checked *c) {
    for (uint32_t i = 0; i < c->header.relocs; i++) {
        uint32_t at = u32_at(c->relocs + 4 * i);
        if (at % 8 || at > c->header.data_size || c->header.data_size - at < 8) return "relocation";
        if (i && at <= u32_at(c->relocs + 4 * (i - 1))) return "order of relocations";
        uint64_t value = u64_at(c->data + at);
        if (value != RUNG_NULL && value >= c->header.data_size) return "relocated offset";
    }
    return NULL;
}

static uint32_t kind_of(const struct rung_step *step, uint32_t i) { return step->kinds >> (4 * i) & 15; }

static bool literal(const struct rung_step *step, uint32_t i, uint64_t below) {
    return kind_of(step, i) == RUNG_KIND_LITERAL && step->operand[i] < below;
}

/* A span of the data area given by a literal offset; it leaves out the closing NUL. */
static bool span(const struct checked *c, const struct rung_step *step, uint32_t i, uint64_t length) {
    return literal(step, i, c->header.data_size) && length < c->header.data_size - step->operand[i];
}

static bool text(const struct rung_step *step, uint32_t i) { return kind_of(step, i) == RUNG_KIND_DATA; }

/* A table of pointers: relocated words from its offset on, the last of them NULL. */
static bool table(const struct checked *c, const struct rung_step *step, uint32_t i) {
    if (!text(step, i)) return false;
    for (uint64_t at = step->operand[i]; relocated(c, at); at += 8)
        if (u64_at(c->data + at) == RUNG_NULL) return true;
    return false;
}

static bool scalar_width(uint64_t width) {
    return width == 1 || width == 2 || width == 4 || width == 8;
}

static bool slot_literal(const struct checked *c, const struct rung_step *step, uint32_t i) {
    return literal(step, i, c->header.slots);
}

static const char *check_operands(const struct checked *c, uint32_t stream, const struct rung_step *s) {
    const uint64_t *o = s->operand;
    switch (s->op) {
    case RUNG_OP_DECIMAL:
        if (!literal(s, 2, 21) || !span(c, s, 1, o[2] ? o[2] : 21)) return "hole for a decimal";
        return NULL;
    case RUNG_OP_POKE:
        if (!literal(s, 2, 9) || !scalar_width(o[2]) || !span(c, s, 1, o[2])) return "hole for a number";
        return NULL;
    case RUNG_OP_LOAD:
        if (!literal(s, 1, 9) || !scalar_width(o[1]) || !span(c, s, 0, o[1])) return "number to load";
        return NULL;
    case RUNG_OP_FORK:
        if (!literal(s, 1, c->header.streams) || o[1] <= stream) return "stream to fork";
        if (!literal(s, 3, RUNG_NO_SLOT + 1u) || (o[3] != RUNG_NO_SLOT && o[3] >= c->header.slots))
            return "slot of a pidfd";
        return NULL;
    case RUNG_OP_POST:
    case RUNG_OP_WAIT:
        if (!literal(s, 0, c->header.streams) || o[0] == stream || (stream != 0 && o[0] != 0))
            return "peer";
        return literal(s, 1, RUNG_MAX_TAGS) ? NULL : "tag";
    case RUNG_OP_HEED:
        if (!literal(s, 1, 2)) return "kind of peer";
        if (o[1] && (stream != 0 || !literal(s, 0, c->header.streams) || o[0] == 0)) return "peer";
        return NULL;
    case RUNG_OP_ENSURE:
        if (!text(s, 1)) return "path";
        return literal(s, 2, 2) && literal(s, 3, 010000) ? NULL : "kind or mode of a path";
    case RUNG_OP_SPAWN:
        if (!text(s, 0) || !table(c, s, 1) || !text(s, 3)) return "program to spawn";
        if (!table(c, s, 2) && !literal(s, 2, 1)) return "environment of a program to spawn";
        if (!literal(s, 4, c->header.data_size) || o[4] > c->header.data_size - o[3]) return "input";
        return literal(s, 5, UINT32_MAX) ? NULL : "time limit";
    case RUNG_OP_EXEC:
        if (!table(c, s, 0) || !table(c, s, 1) || !table(c, s, 2) || !literal(s, 3, 2))
            return "program to execute";
        return NULL;
    case RUNG_OP_EXPECT:
        if (kind_of(s, 0) == RUNG_KIND_DATA
            && (!literal(s, 1, 9) || !scalar_width(o[1]) || o[1] > c->header.data_size - o[0]))
            return "value to expect";
        return literal(s, 4, 4096) && o[4] > 0 && literal(s, 5, 2) ? NULL : "error of an expectation";
    case RUNG_OP_LISTENER:
    case RUNG_OP_PAUSE:
        return slot_literal(c, s, 0) ? NULL : "slot to watch";
    case RUNG_OP_CALL:
    case RUNG_OP_COPY:
    case RUNG_OP_OUTPUT:
    case RUNG_OP_STARTTIME:
    case RUNG_OP_PHASE:
    case RUNG_OP_ADOPT:
    case RUNG_OP_SIGNALS:
    case RUNG_OP_SHED:
        return NULL;
    default:
        return "op";
    }
}

static const char *check_step(const struct checked *c, uint32_t stream, uint32_t index, uint32_t end) {
    struct rung_step copy;
    memcpy(&copy, &c->steps[index], sizeof copy);
    const struct rung_step *s = &copy;
    if (s->flags & ~RUNG_FLAG_KNOWN) return "flags";
    if (s->result != RUNG_NO_SLOT && s->result >= c->header.slots) return "result slot";
    if (s->skip > end - index - 1) return "skip";
    if (s->key >= c->header.data_size || s->say >= c->header.data_size) return "label";
    if (s->kinds >> 24) return "kinds";
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t kind = kind_of(s, i);
        if (kind > RUNG_KIND_SLOT_ADDRESS) return "kind of an operand";
        if (kind == RUNG_KIND_DATA && s->operand[i] >= c->header.data_size) return "data operand";
        if (kind >= RUNG_KIND_SLOT && s->operand[i] >= c->header.slots) return "slot operand";
    }
    if ((s->flags & RUNG_FLAG_EXACT) && s->op != RUNG_OP_CALL) return "flags";
    return check_operands(c, stream, s);
}

const char *program_check(const uint8_t *bytes, uint32_t size) {
    struct checked c = {.bytes = bytes};
    const char *wrong = check_header(&c, size);
    if (wrong) return wrong;
    c.steps = (const struct rung_step *)(bytes + c.header.steps_at);
    c.data = bytes + c.header.data_at;
    c.relocs = bytes + c.header.relocs_at;
    if ((wrong = check_relocs(&c))) return wrong;
    for (uint32_t stream = 0; stream < c.header.streams; stream++) {
        uint32_t end =
            stream + 1 < c.header.streams ? c.header.stream_at[stream + 1] : c.header.steps;
        bool forked = false;
        for (uint32_t i = c.header.stream_at[stream]; i < end; i++) {
            if ((wrong = check_step(&c, stream, i, end))) return wrong;
            if (c.steps[i].op == RUNG_OP_FORK) {
                if (forked && stream != 0) return "second fork of a stream";
                forked = true;
            }
        }
    }
    return NULL;
}
