import test from 'ava';
import { EchoClient } from '../../src/client/echo.js';
import { world } from './connected.js';

const CLIENT = { node: 'bench', incarnation: '00000000000000cc' };

test('echoes of a turn travel as one batch to each node and come back', async (t) => {
  const { clock, cluster } = world();
  const opening = EchoClient.open(['n1:7401', 'n2:7401'], { transport: cluster, clock, client: CLIENT });
  await clock.turn();
  const client = await opening;
  const sizes: number[] = [];
  for (const pipe of cluster.pipes) {
    pipe.echo = (batch) => {
      sizes.push(batch.length);
      pipe.events.echoed(batch.map(({ id }) => id));
    };
  }
  const echoes = Array.from({ length: 10 }, () => client.echo('k', new Uint8Array(4)));
  await Promise.all([...echoes, clock.turn()]);
  t.deepEqual(sizes, [5, 5]);
  client.close();
  t.true(cluster.pipes.every(({ isClosed }) => isClosed));
});

test('echoes that are out when their pipe is lost fail, and so do later ones', async (t) => {
  const { clock, cluster } = world();
  const opening = EchoClient.open(['n1:7401'], { transport: cluster, clock, client: CLIENT });
  await clock.turn();
  const client = await opening;
  const echo = t.throwsAsync(client.echo('k', new Uint8Array(4)), { message: 'killed' });
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  await echo;
  await t.throwsAsync(client.echo('k', new Uint8Array(4)), { message: 'killed' });
});

test('opening fails where an address cannot be reached', async (t) => {
  const { clock, cluster } = world();
  cluster.down.add('n2');
  const opening = EchoClient.open(['n1:7401', 'n2:7401'], { transport: cluster, clock, client: CLIENT });
  const refused = t.throwsAsync(opening, { message: 'connection refused' });
  await clock.turn();
  await refused;
  t.true(cluster.pipes.every(({ isClosed }) => isClosed));
});
