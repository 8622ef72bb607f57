import type { MarketFeed } from '../../ports/marketFeed.ts';

const MINUTE_MS = 60_000;

/** Lets a feed in lock-step go on until it showed so many more minutes. */
export function gated(feed: MarketFeed): (minutes: number) => Promise<void> {
  let until = 0;
  let open: () => void = () => {};
  let reached: () => void = () => {};
  feed.setBarrier?.(async () => {
    if (feed.marketTime() < until) return;
    reached();
    await new Promise<void>((resolve) => {
      open = resolve;
    });
  });
  return (minutes) =>
    new Promise((resolve) => {
      until = feed.marketTime() + minutes * MINUTE_MS;
      reached = resolve;
      open();
    });
}
