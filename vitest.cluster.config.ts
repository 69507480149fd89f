import { defineConfig } from 'vitest/config';
import alone from './vitest.config.ts';

// TEST_SHAPE=cluster: houses are several processes on MySQL and RabbitMQ.
process.env.TEST_SHAPE = 'cluster';

/**
 * What an installation of several processes has to show, and what the servers it needs have to. Journeys and APIs stand here that
 * several processes may answer otherwise than one; CONTRIBUTING.md says which do not, and why.
 */
export default defineConfig({
  test: {
    ...alone.test,
    include: [
      'server/src/{store/mysql,queue/rabbitmq,limits,leases,bell,redis}/**/*.test.ts',
      'server/test/journeys/{owners,deaths,workers,heard,first-message,webhooks,inbound,receipts,money}.test.ts',
      'server/test/journeys/{plans,channels,channel-test,permissions}.test.ts',
      'server/test/journeys/{lanes,parts,routes,http-channel,two-signets}.test.ts',
      'server/test/native/{tasks,sending}.test.ts',
      'server/test/{tsms,engagelab}/messages.test.ts',
    ],
    exclude: [],
  },
});
