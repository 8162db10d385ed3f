/** Works through a list with so many of its items under way at a time: background work takes its turn, not all turns. */
export function fewAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  /** Calls back once for its item, possibly before it returns. */
  work: (item: T, done: () => void) => void,
  whenAll: () => void,
): void {
  let next = 0;
  let underWay = 0;
  let isStarting = false;
  const ended = (): void => {
    underWay -= 1;
    start();
  };
  const start = (): void => {
    if (isStarting) return;
    isStarting = true;
    while (underWay < atOnce && next < items.length) {
      next += 1;
      underWay += 1;
      work(items[next - 1]!, ended);
    }
    isStarting = false;
    if (underWay === 0) whenAll();
  };
  start();
}
