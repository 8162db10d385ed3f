/** `npm run screenshot`: docs/console.png, the console a while after one node was drawn apart under PA. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.js';
import { startChaosConsole } from './chaos-console.js';

const TARGET = fileURLToPath(new URL('../../../docs/console.png', import.meta.url));
const VIEWPORT = { width: 1400, height: 860 };
/** How long each part of the story is let run, so that the charts tell it. */
const HEALTHY_MS = 30_000;
const CUT_MS = 25_000;

const running = await startChaosConsole();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' });
  await page.goto(running.url);
  await page.waitForTimeout(HEALTHY_MS);
  await page.locator('[data-policy="PA/EC"]').click();
  await page.locator('[data-policy="PA/EC"][aria-checked=true]').waitFor();
  await page.locator('[data-node=n1]').click();
  await page.getByRole('button', { name: 'Set apart' }).click();
  await page.waitForTimeout(CUT_MS);
  await mkdir(dirname(TARGET), { recursive: true });
  await page.screenshot({ path: TARGET });
} finally {
  await browser.close();
  await running.stop();
}
