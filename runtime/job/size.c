/*
 * size.c - how PostgreSQL and pgvector lay rows out, in bytes
 *
 * Pages of 8,192 bytes. A row has a header of 24 bytes and a line pointer of 4, and is a multiple of 8 bytes long (src/include/access/htup_details.h); one of more than 2,032
 * bytes has its largest values kept outside, in pieces of 1,996 bytes (heaptoast.h). Floats don't compress. Of pgvector: vector.h, halfvec.h, sparsevec.h; hnsw.h, where an element and its
 * neighbours stand side by side and none is cut; ivfflat.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planning.h"

enum { PAGE = 8192, PAGE_HEADER = 24, LINE = 4, PIECE = 1996, PIECE_HEADER = 36 };

static double align(double bytes)
{
    return ceil(bytes / 8) * 8;
}

double stele_datum_bytes(char kind, unsigned dimensions)
{
    switch (kind) {
    case 'h': return 8 + 2.0 * dimensions;
    case 's': return 16 + 8.0 * dimensions; /* what a provider returns has hardly a 0 */
    case 'b': return 8 + ceil(dimensions / 8.0);
    default: return 8 + 4.0 * dimensions;
    }
}

double stele_heap_bytes(double rows, double row, double fill)
{
    double usable = PAGE * fill - PAGE_HEADER, each = floor(usable / (align(row) + LINE));
    return ceil(rows / (each < 1 ? 1 : each)) * PAGE;
}

/* Leaves, with 16 bytes at their end; and some two hundredths for what is above them. */
double stele_btree_bytes(double rows, double key, double fill)
{
    double each = floor((PAGE - PAGE_HEADER - 16) * fill / (align(8 + key) + LINE)), leaves = ceil(rows / (each < 1 ? 1 : each));
    return (leaves + ceil(leaves / each) + 1) * PAGE;
}

static unsigned toast_chunks(double datum)
{
    return (unsigned)ceil((datum - 4) / PIECE);
}

/* Pieces are put one behind the other, each into the page that is being filled, as far as it fits: what is left at a page's end stays empty. And an index of two numbers. */
double stele_toast_bytes(double rows, double datum)
{
    enum { SAMPLE = 500 };
    double pages = 1, left = PAGE - PAGE_HEADER, chunks = toast_chunks(datum);
    for (unsigned row = 0; row < SAMPLE; row++)
        for (double bytes = datum - 4; bytes > 0; bytes -= PIECE) {
            double needs = align(PIECE_HEADER + fmin(bytes, PIECE)) + LINE;
            if (needs > left) {
                pages++;
                left = PAGE - PAGE_HEADER;
            }
            left -= needs;
        }
    return ceil(rows * pages / SAMPLE) * PAGE + stele_btree_bytes(rows * chunks, 8, 0.9);
}

/* Of each piece, a record of its row and one of its index's entry; beyond the 1,996 bytes some 132. */
double stele_toast_wal(double datum)
{
    enum { RECORDS = 132 };
    return datum - 4 + toast_chunks(datum) * (double)RECORDS;
}

/* ----------------------------------------------------------------------- indexes */

/* Where the word, in small letters, stands, whatever its case is there; or NULL. */
static const char *find_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < length && (text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]) == word[i])
            i++;
        if (i == length)
            return text;
    }
    return NULL;
}

/* A number of WITH (name = 16). */
static unsigned option(const char *definition, const char *name, unsigned otherwise)
{
    const char *at = find_word(definition, "with");
    while (at != NULL && (at = find_word(at + 1, name)) != NULL) {
        if (strchr(" (,", at[-1]) == NULL)
            continue;
        unsigned long number = strtoul(at + strlen(name) + strspn(at + strlen(name), " ='"), NULL, 10);
        if (number > 0 && number < 100000)
            return (unsigned)number;
    }
    return otherwise;
}

static bool has_word(const char *text, const char *word)
{
    return find_word(text, word) != NULL;
}

/* An element has a header of 72 bytes, and its neighbours 2 m places of 6 bytes, and m more on each level above; of these there are 1 / (m - 1) on average. */
static void measure_hnsw(stele_index_size *out, double rows)
{
    enum { AREA = PAGE - PAGE_HEADER - 8 };
    double datum = stele_datum_bytes(out->kind, out->dimensions), levels = 1.0 / (out->m > 1 ? out->m - 1 : 1);
    double element = align(72 + datum) + LINE, neighbours = align(4 + (2 + levels) * 6 * out->m) + LINE, both = element + neighbours;
    double pages = both <= AREA ? ceil(rows / floor(AREA / both)) : rows * (1 + neighbours / AREA);
    out->bytes = (pages + 1) * PAGE;
    out->wal = rows * both + pages * 80;
    /* In memory: the vector, the element, and of each neighbour its address and distance. */
    out->memory = rows * (align(datum) + 144 + (2 + levels) * (16 + 16.0 * out->m));
}

static void measure_ivfflat(stele_index_size *out, double rows)
{
    enum { AREA = PAGE - PAGE_HEADER - 8 };
    double datum = stele_datum_bytes(out->kind, out->dimensions), item = align(8 + datum) + LINE, each = floor(AREA / item);
    double lists = out->lists, center = floor(AREA / (align(16 + datum) + LINE)), pages = rows / (each < 1 ? 1 : each) + lists / 2 + lists / (center < 1 ? 1 : center);
    out->bytes = (ceil(pages) + 1) * PAGE;
    out->wal = rows * item + pages * 80;
}

void stele_index_measure(const stele_job *job, const stele_job_shape *shape, double rows, stele_index_size *out)
{
    const char *definition = job->spec->index;
    *out = (stele_index_size){.method = ' ', .kind = shape->vector_kind, .dimensions = job->spec->provider.dimensions};
    if (definition == NULL)
        return;
    if (has_word(definition, "halfvec"))
        out->kind = 'h';
    else if (has_word(definition, "sparsevec"))
        out->kind = 's';
    else if (has_word(definition, "bit_hamming") || has_word(definition, "bit_jaccard") || has_word(definition, "binary_quantize"))
        out->kind = 'b';
    out->m = option(definition, "m", 16);
    out->lists = option(definition, "lists", 100);
    out->method = has_word(definition, "hnsw") ? 'h' : has_word(definition, "ivfflat") ? 'i' : ' ';
    if (out->method == 'i') {
        measure_ivfflat(out, rows);
    } else if (out->method == 'h') {
        measure_hnsw(out, rows);
    } else { /* as large as what is in it */
        out->bytes = stele_btree_bytes(rows, stele_datum_bytes(out->kind, out->dimensions), 0.9);
        out->wal = out->bytes;
    }
}
