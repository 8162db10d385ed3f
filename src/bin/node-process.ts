/** One node as a process of its own: what `up` and startCluster start. */
import { parseArgs } from 'node:util';
import { NODE_EXIT } from '../../cluster/node-exit.js';
import { createLogger } from '../adapters/logger.js';
import { StartFailure } from './start-failure.js';
import { runNode } from './run-node.js';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    id: { type: 'string', default: '' },
    /** End when standard input ends: the parent holds its other end and never writes. */
    'with-parent': { type: 'boolean', default: false },
  },
});

try {
  const node = await runNode({ configFile: values.config, id: values.id, withParent: values['with-parent'] });
  await node.ended;
  process.exit(NODE_EXIT.stopped);
} catch (error) {
  const log = createLogger({ fields: { node: values.id, pid: process.pid } });
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StartFailure) log.error({}, `Node ${values.id} cannot start. ${message}`);
  else log.error({ error }, `Node ${values.id} failed`);
  process.exit(error instanceof StartFailure ? error.exitCode : NODE_EXIT.crashed);
}
