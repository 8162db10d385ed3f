/**
 * The console in a real Chromium, on a real cluster whose links can be cut. What is seen is written to
 * dist/screenshots for a person to look at. Where there is no browser, each of these is reported as skipped.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { waitUntil } from '../../cluster/wait.js';
import { hasBrowser, launchBrowser } from './browser.js';
import { startChaosConsole, type ChaosConsole } from './chaos-console.js';

const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
/** What must happen at all, on however busy a machine. */
const WAIT_MS = 60_000;
const MINUTES_5 = 300_000;
const SEEN_WITHIN_MS = 2_000;
/** A machine that is busy with something else may miss it now and then. */
const ATTEMPTS = 5;

type Body = (t: ExecutionContext) => Promise<void>;

/** Skipped by its name where there is no browser. */
function withBrowser(title: string, body: Body): void {
  const declare = hasBrowser ? test.serial : test.serial.skip;
  declare(title, (t) => {
    t.timeout(MINUTES_5);
    return body(t);
  });
}

let running: ChaosConsole;
let browser: Browser;

test.before(async (t) => {
  t.timeout(MINUTES_5);
  if (!hasBrowser) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  [running, browser] = await Promise.all([startChaosConsole(), launchBrowser()]);
});

test.after.always(async () => {
  if (!hasBrowser) return;
  await Promise.allSettled([browser.close(), running.stop()]);
});

/** A new page of the console that has been told the state of the cluster, and what went wrong in it. */
async function open(
  options: {
    readonly width?: number;
    readonly height?: number;
    readonly dark?: boolean;
    readonly token?: boolean;
  } = {},
) {
  const { width = 1440, height = 900, dark = false, token = true } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('requestfailed', (request) => problems.push(`${request.url()} failed`));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') problems.push(`${request.url()} is not from here`);
  });
  await page.goto(token ? running.url : running.url.replace(/#.*/, ''));
  await page.locator('.node.up').nth(2).waitFor();
  return { page, problems, close: () => context.close() };
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

async function heal(page: Page): Promise<void> {
  if (await page.locator('#heal').isVisible()) await page.locator('#heal').click();
  await page.locator('#health.good').waitFor();
}

/** Clicks and tells, by the clock of the page, how long it took until there is something there. */
function clickAndWait(page: Page, click: string, appears: string): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    const before = performance.now();
    const look = () => document.querySelector(${JSON.stringify(appears)}) === null
      ? requestAnimationFrame(look)
      : resolve(performance.now() - before);
    document.querySelector(${JSON.stringify(click)}).dispatchEvent(new MouseEvent('click', { bubbles: true }));
    look();
  })`);
}

/** Waits until the expression is true in the page. Asked from here: the page's own policy forbids it to evaluate text. */
async function holds(page: Page, expression: string): Promise<void> {
  const isSo = await waitUntil(async () => page.evaluate<boolean>(expression), WAIT_MS);
  if (!isSo) throw new Error(`It never held in the page: ${expression}`);
}

withBrowser('the page loads without errors, from here alone, and the token leaves the address', async (t) => {
  const { page, problems, close } = await open();
  t.is(await page.title(), 'Fulcrum console');
  t.notRegex(page.url(), /token/);
  await page.locator('#health.good').waitFor();
  t.is(await page.locator('.link').count(), 3);
  await page.locator('[data-level=QUORUM] .meter.latency b', { hasText: 'ms' }).waitFor();
  await page.locator('#canary .valid').waitFor();
  await page.locator('[data-level=ALL] .would', { hasText: 'would' }).first().waitFor();
  await shoot(page, 'healthy-light');
  t.deepEqual(problems, []);
  await close();
});

withBrowser('the charts move', async (t) => {
  const { page, close } = await open();
  const drawn = 'document.querySelector("#chart-latency canvas").toDataURL()';
  const before = await page.evaluate<string>(drawn);
  await holds(page, `${drawn} !== ${JSON.stringify(before)}`);
  const next = await page.evaluate<string>(drawn);
  await holds(page, `${drawn} !== ${JSON.stringify(next)}`);
  await close();
  t.pass();
});

withBrowser(
  'cutting a link by clicking it changes the picture within two seconds, and so does mending it',
  async (t) => {
    const { page, problems, close } = await open();
    const took: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS && !took.some((ms) => ms < SEEN_WITHIN_MS); attempt += 1) {
      await heal(page);
      took.push(await clickAndWait(page, '[data-link=n1-n2] .touch', '[data-link=n1-n2].cut'));
    }
    t.log(`cut after ${took.map(Math.round).join(', ')} ms`);
    t.true(took.some((ms) => ms < SEEN_WITHIN_MS));
    await page.locator('.fault.cut:not(.over)').waitFor({ state: 'attached' });
    await page.locator('#health', { hasText: 'cut' }).waitFor();
    await shoot(page, 'link-cut');
    await clickAndWait(page, '[data-link=n1-n2] .touch', '[data-link=n1-n2]:not(.cut)');
    await page.locator('#health.good').waitFor();
    t.deepEqual(problems, []);
    await close();
  },
);

withBrowser('a node dragged out is a partition, its callers are refused under PC, and a heal clears it', async (t) => {
  const { page, problems, close } = await open();
  const box = (await page.locator('[data-node=n1] .body').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - 30, { steps: 4 });
  await page.mouse.move(x, y - 60, { steps: 4 });
  await page.mouse.up();
  await page.locator('#health', { hasText: 'Partition: n1 | n2 n3' }).waitFor();
  t.is(await page.locator('.link.cut').count(), 2);
  await page.locator('.recent .error', { hasText: 'UNAVAILABLE' }).first().waitFor();
  await page.locator('[data-node=n1].not-ready').waitFor();
  await shoot(page, 'partition-pc');
  await heal(page);
  t.is(await page.locator('.link.cut').count(), 0);
  t.deepEqual(problems, []);
  await close();
});

withBrowser('the policy switch works, both ways', async (t) => {
  const { page, problems, close } = await open();
  for (const policy of ['PA/EL', 'PC/EC']) {
    await page.locator(`[data-policy="${policy}"]`).click();
    await page.locator(`[data-policy="${policy}"][aria-checked=true]`).waitFor();
    await holds(page, 'document.querySelector("#policy-note").textContent === ""');
  }
  t.deepEqual(problems, []);
  await close();
});

withBrowser('a node is paused and let go on by the keyboard alone', async (t) => {
  const { page, close } = await open();
  await page.locator('[data-node=n3]').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-node=n3].paused').waitFor();
  await page.getByRole('button', { name: 'Go on' }).press('Enter');
  await page.locator('[data-node=n3].up').waitFor();
  await page.locator('#health.good').waitFor();
  await close();
  t.pass();
});

withBrowser('the load is stopped and started, and its level chosen', async (t) => {
  const { page, close } = await open();
  await page.locator('#load-level').selectOption('ONE');
  await holds(page, `fetch('/api/state').then((answer) => answer.json()).then(({ load }) => load.level === 'ONE')`);
  await page.locator('#load-level').selectOption('EACH');
  await page.locator('#load-running').uncheck();
  await page.locator('#levels-note', { hasText: 'nothing asks' }).waitFor();
  await page.locator('#load-running').check();
  await page.locator('#levels-note', { hasText: 'ten seconds' }).waitFor();
  await close();
  t.pass();
});

withBrowser('a page without the token may look but not touch, and is told why', async (t) => {
  const { page, close } = await open({ token: false });
  await page.locator('#toast', { hasText: 'with its token' }).waitFor();
  await page.locator('[data-link=n1-n2] .touch').dispatchEvent('click');
  await page.locator('#toast', { hasText: 'The token is missing' }).waitFor();
  t.is(await page.locator('.link.cut').count(), 0);
  t.deepEqual(await running.cluster.toxics(), []);
  await close();
});

withBrowser('everything that can be pressed has a name and can be reached with the Tab key', async (t) => {
  const { page, close } = await open();
  const nameless = await page.evaluate<string[]>(`[...document.querySelectorAll('button, [role=button], input, select')]
    .filter((one) => one.checkVisibility())
    .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length))
    .map((one) => one.outerHTML)`);
  t.deepEqual(nameless, []);
  const reached = new Set<string>();
  const wanted = ['tour-open', 'theme', 'n1', 'n1-n2', 'PC/EC', 'load-rate'];
  for (let i = 0; i < 40 && !wanted.every((id) => reached.has(id)); i += 1) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(
        `(({ id, dataset }) => id || dataset.node || dataset.link || dataset.policy || '')(document.activeElement)`,
      ),
    );
  }
  for (const id of wanted) t.true(reached.has(id), id);
  await close();
});

for (const [name, width, height] of [
  ['dark', 1440, 900],
  ['projector', 1280, 720],
  ['narrow', 820, 1100],
] as const) {
  withBrowser(`nothing sticks out sideways: ${name}`, async (t) => {
    const { page, problems, close } = await open({ width, height, dark: name === 'dark' });
    await page.locator('#canary .verdict').waitFor();
    t.true((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await shoot(page, name);
    t.deepEqual(problems, []);
    await close();
  });
}

withBrowser('the guided tour takes its six steps on the real cluster', async (t) => {
  const { page, problems, close } = await open();
  await page.locator('#tour-open').click();
  for (let step = 1; step <= 6; step += 1) {
    await page.getByRole('button', { name: 'Do it' }).click();
    await page.locator('.tour .facts li').first().waitFor();
    await page.locator('.tour .button.strong', { hasText: step < 6 ? 'Next' : 'Done' }).waitFor();
    await shoot(page, `tour-${step}`);
    if (step < 6) await page.locator('.tour .button.strong').click();
  }
  t.regex((await page.locator('.tour .facts').textContent()) ?? '', /lost to.*Back to PC\/EC/);
  await page.locator('#ledger strong').first().waitFor();
  await page.locator('[data-policy="PC/EC"][aria-checked=true]').waitFor();
  t.deepEqual(problems, []);
  await close();
});
