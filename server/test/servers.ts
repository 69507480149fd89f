import { TestDatabase } from './mysql.ts';
import { deleteQueues, namesOf, rabbitAddress } from './rabbitmq.ts';

/** Channels whose queues are taken away at the end; tests make few. */
const CHANNEL_IDS = Array.from({ length: 20 }, (_, id) => id);

/** The servers of an installation of several processes: a database of its own, and queues of its own. */
export interface ClusterServers {
  /** What processes are told of them. */
  env: Record<string, string>;
  database: TestDatabase;
  /** Removes what was made. */
  drop(): Promise<void>;
}

/** @param storePort where processes find the database, if not where tests do: a way to it that can be cut */
export async function clusterServers(storePort?: number): Promise<ClusterServers> {
  const database = await TestDatabase.make();
  const { host, port, user, password, vhost } = rabbitAddress();
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const queue = `amqp://${login}@${host}:${port}/${encodeURIComponent(vhost)}`;
  const store = new URL(database.url);
  if (storePort !== undefined) {
    store.hostname = 'localhost';
    store.port = String(storePort);
  }
  return {
    env: { SIGNET_STORE: store.href, SIGNET_QUEUE: queue },
    database,
    async drop() {
      const rows = await database.run("SELECT value FROM installation WHERE name = 'id'").catch(() => []);
      for (const { value } of rows as { value: string }[]) await deleteQueues(namesOf(value, CHANNEL_IDS));
      await database.drop();
    },
  };
}
