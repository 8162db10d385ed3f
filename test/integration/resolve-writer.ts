/** A client process of its own: says which operation it is about to lose, and waits to be killed. */
import { connect, FulcrumError } from '../../src/index.js';

const [addresses = '', key = '', value = '', level = 'QUORUM', opId = ''] = process.argv.slice(2);
const client = await connect({ nodes: addresses.split(','), hedge: false });
process.stdout.write('connected\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
try {
  const options = { level: level as 'ONE' | 'QUORUM', timeoutMs: 1_500, ...(opId === '' ? {} : { opId }) };
  const { version } = await client.put(key, value, options);
  process.stdout.write(`${JSON.stringify({ version })}\n`);
} catch (error) {
  if (!(error instanceof FulcrumError)) throw error;
  const { code, definite, operation } = error;
  process.stdout.write(`${JSON.stringify({ code, definite, operation })}\n`);
}
await new Promise(() => undefined);
