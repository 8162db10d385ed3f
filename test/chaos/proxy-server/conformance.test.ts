/** The same promises of the API and the toxics, held against the embedded server and against the real one. */
import test, { type ExecutionContext } from 'ava';
import { installedToxiproxy } from '../../../chaos/toxiproxy/toxiproxy-process.js';
import { apiConformance } from './api-conformance.js';
import { startSubject, withoutProxies, type Subject } from './subject.js';
import { toxicConformance } from './toxic-conformance.js';

const real = installedToxiproxy();
const subjects = new Map<'embedded' | 'real', Subject>();

test.before(async () => {
  subjects.set('embedded', await startSubject(undefined));
  if (real !== undefined) subjects.set('real', await startSubject(real));
});

test.after.always(() => Promise.all([...subjects.values()].map((one) => one.stop())));

const whereInstalled = real === undefined ? test.skip : test.serial;

for (const [name, run] of [...apiConformance, ...toxicConformance]) {
  const against = (which: 'embedded' | 'real') => async (t: ExecutionContext) => {
    const { url } = subjects.get(which)!;
    await withoutProxies(url);
    await run(t, url);
  };
  test.serial(`embedded server: ${name}`, against('embedded'));
  whereInstalled(`toxiproxy-server: ${name}`, against('real'));
}
