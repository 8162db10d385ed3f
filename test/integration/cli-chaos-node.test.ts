/** `fulcrum chaos skew` and `disk` on a running cluster, and the list of scenarios. */
import test, { type ExecutionContext } from 'ava';
import { randomFreePorts } from '../../cluster/free-ports.js';
import { cliIn, workFolder } from './run-cli.js';

const workplace = async (t: ExecutionContext): Promise<ReturnType<typeof cliIn>> => cliIn(await workFolder(t));

const firstPorts = async (): Promise<string[]> => {
  const [grpc, http] = await randomFreePorts(2);
  return ['--grpc-port', String(grpc), '--http-port', String(http)];
};

test.serial('a clock and a disk are made wrong, shown, and set right by heal', async (t) => {
  t.timeout(240_000);
  const cli = await workplace(t);
  const up = await cli('up', '--nodes', '1', '--chaos', '--detach', ...(await firstPorts()));
  t.is(up.code, 0, up.err);

  const skewed = await cli('chaos', 'skew', 'n1', '+1h', '--drift', '5%', '--json');
  t.is(skewed.code, 0, skewed.err);
  const state = JSON.parse(skewed.out) as { clockErrorMs: number; driftPpm: number };
  t.true(state.clockErrorMs >= 3_600_000);
  t.is(state.driftPpm, 50_000);
  t.is((await cli('chaos', 'disk', 'n1', '200ms')).code, 0);
  const shown = await cli('chaos', 'status');
  t.regex(shown.out, /n1 running, .*clock \+36\d+ ms.*disk 200 ms slower/);

  t.is((await cli('chaos', 'heal')).code, 0);
  t.notRegex((await cli('chaos', 'status')).out, /clock|disk/);
  t.is((await cli('chaos', 'skew', 'n1', 'soon')).code, 2);
  t.is((await cli('chaos', 'disk', 'n7', 'stalled')).code, 2);
});

test.serial('a cluster that was not started for chaos keeps its clocks', async (t) => {
  t.timeout(240_000);
  const cli = await workplace(t);
  t.is((await cli('up', '--nodes', '1', '--detach', ...(await firstPorts()))).code, 0);
  const { code, err } = await cli('chaos', 'skew', 'n1', '+1h');
  t.is(code, 2);
  t.regex(err, /not started for chaos.*up --chaos/);
});

test.serial('the scenarios are listed, and an unknown one is refused with their names', async (t) => {
  const cli = await workplace(t);
  const listed = JSON.parse((await cli('chaos', 'scenarios', '--json')).out) as { name: string }[];
  t.true(listed.some(({ name }) => name === 'split-brain'));
  const { code, err } = await cli('chaos', 'run', 'split-brian');
  t.is(code, 2);
  t.regex(err, /split-brain/);
});
