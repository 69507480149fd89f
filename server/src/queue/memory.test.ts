import { queueContract } from './contract.ts';
import { MemoryQueue } from './memory.ts';

queueContract('MemoryQueue', async () => ({ queue: new MemoryQueue(), end: async () => {} }));
