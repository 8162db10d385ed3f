/** Light or dark: as the system says until the button is pressed. */
import { byId } from './dom.js';

const KEPT_AS = 'fulcrum-theme';

export function startTheme(changed: () => void): void {
  const kept = localStorage.getItem(KEPT_AS);
  const system = matchMedia('(prefers-color-scheme: dark)');
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset['theme'] = kept;
  byId('theme').addEventListener('click', () => {
    const isDark = (document.documentElement.dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark';
    const next = isDark ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = next;
    localStorage.setItem(KEPT_AS, next);
    changed();
  });
  system.addEventListener('change', changed);
}
