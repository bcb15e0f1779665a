-- The memory of a task: a run is one attempt of an agent at a goal, its events are what happened
-- in order, a checkpoint is the state after an event from which the run can go on, and jobs are
-- the work that is done later, by whichever worker takes it first.

CREATE TABLE memory_run (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    agent_id    uuid        NOT NULL,
    session_id  uuid,
    goal        text        NOT NULL,
    status      text        NOT NULL DEFAULT 'running',
    outcome     text,
    metadata    jsonb       NOT NULL DEFAULT '{}',
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT memory_run_pkey PRIMARY KEY (id),
    CONSTRAINT memory_run_agent_id_fkey
        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,
    CONSTRAINT memory_run_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE SET NULL,
    CONSTRAINT memory_run_goal_check CHECK (btrim(goal) <> ''),
    CONSTRAINT memory_run_status_check CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
    CONSTRAINT memory_run_finished_at_check
        CHECK ((status = 'running') = (finished_at IS NULL) AND finished_at >= started_at),
    CONSTRAINT memory_run_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE memory_run IS 'One attempt of an agent at a goal.';
COMMENT ON COLUMN memory_run.outcome IS 'In words, once it has finished.';

CREATE INDEX memory_run_agent_id_started_at_idx ON memory_run (agent_id, started_at DESC);
CREATE INDEX memory_run_session_id_idx ON memory_run (session_id);

CREATE TABLE memory_event (
    run_id      uuid        NOT NULL,
    sequence    integer     NOT NULL,
    kind        text        NOT NULL,
    content     text        NOT NULL DEFAULT '',
    content_tsv tsvector    GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,
    payload     jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_event_pkey PRIMARY KEY (run_id, sequence),
    CONSTRAINT memory_event_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES memory_run (id) ON DELETE CASCADE,
    CONSTRAINT memory_event_sequence_check CHECK (sequence > 0),
    CONSTRAINT memory_event_kind_check
        CHECK (kind IN ('thought', 'message', 'tool_call', 'tool_result', 'error'))
);

COMMENT ON TABLE memory_event IS 'What happened in a run, in order.';
COMMENT ON COLUMN memory_event.sequence IS 'From 1, per run; the worker that holds the run counts.';
COMMENT ON COLUMN memory_event.content IS 'In words; what the search looks at.';
COMMENT ON COLUMN memory_event.payload IS 'The same, as the tool or the model gave it.';

CREATE INDEX memory_event_content_tsv_idx ON memory_event USING gin (content_tsv);

CREATE TABLE memory_checkpoint (
    run_id     uuid        NOT NULL,
    sequence   integer     NOT NULL,
    state      jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_checkpoint_pkey PRIMARY KEY (run_id, sequence),
    CONSTRAINT memory_checkpoint_event_fkey
        FOREIGN KEY (run_id, sequence) REFERENCES memory_event (run_id, sequence) ON DELETE CASCADE
);

COMMENT ON TABLE memory_checkpoint IS 'The state after an event: a run goes on from its last one.';

CREATE TABLE memory_job (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    run_id       uuid,
    kind         text        NOT NULL,
    payload      jsonb       NOT NULL DEFAULT '{}',
    status       text        NOT NULL DEFAULT 'queued',
    priority     smallint    NOT NULL DEFAULT 0,
    attempts     integer     NOT NULL DEFAULT 0,
    max_attempts integer     NOT NULL DEFAULT 5,
    run_after    timestamptz NOT NULL DEFAULT now(),
    leased_by    text,
    leased_until timestamptz,
    last_error   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memory_job_pkey PRIMARY KEY (id),
    CONSTRAINT memory_job_run_id_fkey
        FOREIGN KEY (run_id) REFERENCES memory_run (id) ON DELETE CASCADE,
    CONSTRAINT memory_job_status_check CHECK (status IN ('queued', 'leased', 'done', 'failed')),
    CONSTRAINT memory_job_attempts_check CHECK (attempts BETWEEN 0 AND max_attempts),
    CONSTRAINT memory_job_lease_check
        CHECK ((status = 'leased') = (leased_by IS NOT NULL AND leased_until IS NOT NULL))
);

COMMENT ON TABLE memory_job IS 'Work for later: summing up, extracting facts, embedding.';
COMMENT ON COLUMN memory_job.leased_until IS 'After that another worker may take the job.';

-- Only what can be taken is in the index that workers read, so it stays small.
CREATE INDEX memory_job_queued_idx ON memory_job (priority DESC, run_after, id) WHERE status = 'queued';
CREATE INDEX memory_job_leased_idx ON memory_job (leased_until) WHERE status = 'leased';
CREATE INDEX memory_job_run_id_idx ON memory_job (run_id) WHERE run_id IS NOT NULL;

CREATE TRIGGER memory_job_touch
    BEFORE UPDATE ON memory_job
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- stele: down
DROP TABLE memory_job, memory_checkpoint, memory_event, memory_run;

-- stele: verify
SELECT count(*) = 4 FROM pg_class
 WHERE oid IN ('memory_run'::regclass, 'memory_event'::regclass,
               'memory_checkpoint'::regclass, 'memory_job'::regclass);

SELECT count(*) = 4 AND bool_and(convalidated) FROM pg_constraint
 WHERE contype = 'f'
   AND conrelid IN ('memory_run'::regclass, 'memory_event'::regclass,
                    'memory_checkpoint'::regclass, 'memory_job'::regclass)
   AND conname IN ('memory_run_agent_id_fkey', 'memory_event_run_id_fkey',
                   'memory_checkpoint_event_fkey', 'memory_job_run_id_fkey');
