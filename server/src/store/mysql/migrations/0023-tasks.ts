/** What the house did at its own pace, which queues stand still, and how long they were. */
export const tasks = (table: string): readonly string[] => [
  // runs of chores; id is time-ordered, name and state are the codes of domain/task.ts
  `CREATE TABLE chore_run (
     id BIGINT PRIMARY KEY,
     name TINYINT NOT NULL,
     state TINYINT NOT NULL,
     asked_by VARCHAR(255) NOT NULL,
     created_at BIGINT NOT NULL,
     started_at BIGINT NULL,
     ended_at BIGINT NULL,
     runs BIGINT NOT NULL,
     run_ms BIGINT NOT NULL,
     items BIGINT NOT NULL,
     error TEXT NOT NULL,
     worker VARCHAR(255) NOT NULL,
     KEY chore_run_state (state, id)
   ) ${table}`,
  `CREATE TABLE paused_queue (
     queue VARCHAR(64) PRIMARY KEY,
     since BIGINT NOT NULL,
     paused_by VARCHAR(255) NOT NULL,
     reason TEXT NOT NULL
   ) ${table}`,
  `CREATE TABLE queue_figure (
     queue VARCHAR(64) NOT NULL,
     span_ms INT NOT NULL,
     from_at BIGINT NOT NULL,
     most BIGINT NOT NULL,
     last BIGINT NOT NULL,
     done BIGINT NOT NULL,
     failed BIGINT NOT NULL,
     PRIMARY KEY (queue, span_ms, from_at),
     KEY queue_figure_age (span_ms, from_at)
   ) ${table}`,
];
