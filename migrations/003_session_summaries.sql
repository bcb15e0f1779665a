-- Rolling summaries: when a conversation outgrows the context of the model, its older part is
-- summed up, and each summary takes in the one before it. All are kept, so that a summary can
-- be traced back; the last is the one in use.
--
-- stele: lock-timeout 5s

CREATE TABLE session_summary (
    session_id    uuid        NOT NULL,
    sequence      integer     NOT NULL,
    summary       text        NOT NULL,
    summary_tsv   tsvector    GENERATED ALWAYS AS (to_tsvector('english', summary)) STORED,
    message_count integer     NOT NULL,
    token_count   integer     NOT NULL,
    model         text        NOT NULL,
    covers_until  timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT session_summary_pkey PRIMARY KEY (session_id, sequence),
    CONSTRAINT session_summary_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE CASCADE,
    CONSTRAINT session_summary_sequence_check CHECK (sequence > 0),
    CONSTRAINT session_summary_summary_check CHECK (btrim(summary) <> ''),
    CONSTRAINT session_summary_message_count_check CHECK (message_count > 0),
    CONSTRAINT session_summary_token_count_check CHECK (token_count >= 0)
);

COMMENT ON TABLE session_summary IS 'What a session was about, up to a moment; the last of a session is in use.';
COMMENT ON COLUMN session_summary.sequence IS 'From 1, without gaps, per session.';
COMMENT ON COLUMN session_summary.message_count IS 'Messages from the start of the session that it covers.';
COMMENT ON COLUMN session_summary.covers_until IS 'When the last of these messages was sent.';

CREATE INDEX session_summary_summary_tsv_idx ON session_summary USING gin (summary_tsv);

ALTER TABLE agent_session ADD COLUMN summarized_until timestamptz;

COMMENT ON COLUMN agent_session.summarized_until IS 'covers_until of the last summary; NULL before the first.';

-- stele: down
ALTER TABLE agent_session DROP COLUMN summarized_until;
DROP TABLE session_summary;

-- stele: verify
SELECT confdeltype = 'c' FROM pg_constraint
 WHERE conrelid = 'session_summary'::regclass AND conname = 'session_summary_session_id_fkey';

SELECT count(*) = 1 FROM pg_attribute
 WHERE attrelid = 'agent_session'::regclass AND attname = 'summarized_until';
