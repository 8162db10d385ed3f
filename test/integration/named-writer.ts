/** A client process of its own: puts a value under a name, and prints the result as one line of JSON. */
import { connect } from '../../src/index.js';
import { untilAnswered } from './calls-through.js';

const [addresses = '', key = '', value = '', opId = ''] = process.argv.slice(2);
const client = await connect(addresses);
const result = await untilAnswered(() => client.put(key, value, { opId, timeoutMs: 10_000 }));
process.stdout.write(`${JSON.stringify(result)}\n`);
await client.close();
