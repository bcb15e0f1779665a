#define _POSIX_C_SOURCE 200809L
#include "cache.h"

#include "keep.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How a file looks from outside. The time of its contents can be set at will (touch -d, cp -p), that of its inode can't. */
struct look {
    uint64_t size, device, inode, seconds, nanoseconds, changed_seconds, changed_nanoseconds;
};

/* One file's record, in the bytes of the cache that was read. */
struct cache_entry {
    const char *path, *before;
    struct look look;
    const char *record;
    size_t length;
    bool used; /* it is what its file is now */
    struct cache_entry *next;
};

enum { BUCKETS = 16384, SETTLED = 2 /* seconds */, END_SIZE = STELE_CHECKSUM_SIZE /* a checksum over all before, and a line end */ };
static const char magic[] = "stele-cache 2 ";

static bool look_at(const char *path, struct look *look)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    *look = (struct look){(uint64_t)status.st_size,         (uint64_t)status.st_dev,          (uint64_t)status.st_ino,
                          (uint64_t)status.st_mtim.tv_sec,  (uint64_t)status.st_mtim.tv_nsec, (uint64_t)status.st_ctim.tv_sec,
                          (uint64_t)status.st_ctim.tv_nsec};
    return true;
}

/* Would a change from now on show in its times? Clocks of file systems are coarse. */
static bool has_settled(const struct look *look)
{
    uint64_t now = (uint64_t)time(NULL);
    return look->seconds + SETTLED <= now && look->changed_seconds + SETTLED <= now;
}

/* ----------------------------------------------------------------- the key */

/* What this stelec is: a cache that another one wrote may have another layout. Empty where it can't be found out. */
static const char *own_identity(struct memory *memory)
{
    struct look look;
    if (!look_at("/proc/self/exe", &look))
        return "";
    return memory_print(memory, "%s %llu %llu %llu.%llu", STELE_VERSION, (unsigned long long)look.size,
                        (unsigned long long)look.inode, (unsigned long long)look.seconds, (unsigned long long)look.nanoseconds);
}

static void make_key(struct cache *cache, const char *settings)
{
    uint8_t bytes[STELE_DIGEST_SIZE];
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_text(&digest, own_identity(cache->memory));
    stele_digest_text(&digest, settings);
    if (!stele_digest_end(&digest, bytes))
        memory_exhausted(cache->memory);
    stele_checksum_write(cache->key, "c1", bytes);
}

/* ----------------------------------------------------------------- reading */

/* The whole file, with a zero byte behind; NULL where there is none. */
static const char *read_file(struct memory *memory, const char *path, size_t *length)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = NULL;
    size_t used = 0;
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        bytes = memory_get(memory, (size_t)status.st_size + 1, 1);
        for (ssize_t got = 1; used < (size_t)status.st_size && got > 0; used += got > 0 ? (size_t)got : 0)
            got = read(file, bytes + used, (size_t)status.st_size - used);
    }
    if (file >= 0)
        close(file);
    *length = used;
    return bytes;
}

/* A string with a length before it. */
static const char *take_text(const char **at, const char *end)
{
    uint32_t size;
    if ((size_t)(end - *at) < sizeof size)
        return NULL;
    memcpy(&size, *at, sizeof size);
    *at += sizeof size;
    if (size == 0 || (size_t)(end - *at) < size || (*at)[size - 1] != '\0')
        return NULL;
    const char *text = *at;
    *at += size;
    return text;
}

static bool take_entry(struct cache *cache, const char **at, const char *end)
{
    struct cache_entry entry = {0};
    uint32_t length;
    if ((entry.path = take_text(at, end)) == NULL || (entry.before = take_text(at, end)) == NULL ||
        (size_t)(end - *at) < sizeof entry.look + sizeof length)
        return false;
    memcpy(&entry.look, *at, sizeof entry.look);
    memcpy(&length, *at + sizeof entry.look, sizeof length);
    *at += sizeof entry.look + sizeof length;
    if ((size_t)(end - *at) < length)
        return false;
    entry.record = *at;
    entry.length = length;
    *at += length;
    struct cache_entry *copy = memory_get(cache->memory, 1, sizeof *copy), **bucket = &cache->buckets[hash_string(entry.path) % BUCKETS];
    *copy = entry;
    copy->next = *bucket;
    *bucket = copy;
    return true;
}

/* Is the last line the checksum of all before it? A damaged byte could be an index beyond its list. */
static bool is_whole(const struct cache *cache, const char *bytes, size_t length)
{
    char sum[STELE_CHECKSUM_SIZE];
    if (!stele_source_checksum(sum, bytes, length - END_SIZE))
        memory_exhausted(cache->memory);
    return memcmp(bytes + length - END_SIZE, sum, END_SIZE - 1) == 0 && bytes[length - 1] == '\n';
}

static void read_entries(struct cache *cache)
{
    size_t length, head = sizeof magic - 1 + strlen(cache->key) + 1;
    const char *bytes = read_file(cache->memory, cache->path, &length);
    if (bytes == NULL || length < head + END_SIZE || memcmp(bytes, magic, sizeof magic - 1) != 0 ||
        memcmp(bytes + sizeof magic - 1, cache->key, strlen(cache->key)) != 0 || !is_whole(cache, bytes, length))
        return;
    const char *at = bytes + head, *end = bytes + length - END_SIZE;
    while (at < end && take_entry(cache, &at, end))
        continue;
}

void cache_open(struct cache *cache, struct memory *memory, const char *path, const char *settings)
{
    *cache = (struct cache){.memory = memory, .path = path};
    if (path == NULL)
        return;
    cache->buckets = memory_get(memory, BUCKETS, sizeof(struct cache_entry *));
    make_key(cache, settings);
    read_entries(cache);
}

/* -------------------------------------------------------------- one file */

static void put_text(stele_text *text, const char *string)
{
    uint32_t size = (uint32_t)strlen(string) + 1;
    stele_text_bytes(text, (const char *)&size, sizeof size);
    stele_text_bytes(text, string, size);
}

static void put_entry(stele_text *text, const struct cache_entry *entry)
{
    uint32_t length = (uint32_t)entry->length;
    put_text(text, entry->path);
    put_text(text, entry->before);
    stele_text_bytes(text, (const char *)&entry->look, sizeof entry->look);
    stele_text_bytes(text, (const char *)&length, sizeof length);
    stele_text_bytes(text, entry->record, entry->length);
}

/* One of several files isn't kept: each has a time of its own. */
static bool has_files(const struct migration *migration)
{
    for (int kind = 0; kind < FILE_COUNT; kind++)
        if (migration->files[kind] != NULL)
            return true;
    return false;
}

bool cache_take(struct cache *cache, struct migration *migration, const char *before)
{
    struct look look;
    if (cache->path == NULL || migration->lua || has_files(migration) || !look_at(migration->source.path, &look))
        return false;
    struct cache_entry *entry = cache->buckets[hash_string(migration->source.path) % BUCKETS];
    while (entry != NULL && strcmp(entry->path, migration->source.path) != 0)
        entry = entry->next;
    if (entry == NULL || memcmp(&entry->look, &look, sizeof look) != 0 || strcmp(entry->before, before) != 0)
        return false;
    if (!keep_read(migration->home->pool, migration, entry->record, entry->length))
        return false;
    entry->used = true;
    return true;
}

void cache_put(struct cache *cache, const struct migration *migration, const char *before)
{
    struct cache_entry entry = {.path = migration->source.path, .before = before};
    if (cache->path == NULL)
        return;
    if (migration->lua || has_files(migration) || migration->broken || !look_at(migration->source.path, &entry.look) ||
        !has_settled(&entry.look))
        return;
    stele_text *record = &cache->memory->text;
    keep_write(record, migration);
    if (record->failed || record->length > UINT32_MAX)
        memory_exhausted(cache->memory);
    entry.record = record->bytes;
    entry.length = record->length;
    put_entry(&cache->text, &entry);
    stele_text_free(record);
}

/* ------------------------------------------------------------------ saving */

/* Bytes into the file, and into the checksum of all of it. */
static bool write_bytes(FILE *file, stele_digest *digest, const char *bytes, size_t length)
{
    if (length > 0)
        stele_digest_bytes(digest, bytes, length);
    return length == 0 || fwrite(bytes, 1, length, file) == length;
}

/* What is known of files that are as they were, then what is new. */
static bool write_all(struct cache *cache, FILE *file)
{
    uint8_t bytes[STELE_DIGEST_SIZE];
    char sum[STELE_CHECKSUM_SIZE];
    stele_digest digest;
    stele_digest_begin(&digest);
    const char *first = memory_print(cache->memory, "%s%s\n", magic, cache->key);
    bool fine = write_bytes(file, &digest, first, strlen(first));
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct cache_entry *entry = cache->buckets[i]; entry != NULL && fine; entry = entry->next) {
            stele_text text = {0};
            if (entry->used)
                put_entry(&text, entry);
            fine = !text.failed && write_bytes(file, &digest, text.bytes, text.length);
            stele_text_free(&text);
        }
    fine = fine && !cache->text.failed && write_bytes(file, &digest, cache->text.bytes, cache->text.length) &&
           stele_digest_end(&digest, bytes);
    stele_checksum_write(sum, "s1", bytes);
    return fine && fprintf(file, "%s\n", sum) > 0;
}

void cache_save(struct cache *cache)
{
    if (cache->path == NULL)
        return;
    const char *temporary = memory_print(cache->memory, "%s.%ld", cache->path, (long)getpid());
    FILE *file = cache->text.length == 0 ? NULL : fopen(temporary, "wb");
    if (file != NULL) {
        bool fine = write_all(cache, file);
        if (fclose(file) != 0 || !fine || rename(temporary, cache->path) != 0)
            remove(temporary);
    }
    stele_text_free(&cache->text);
}
