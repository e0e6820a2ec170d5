import { create } from './elements.ts';

/** How far a page must be pulled, in px, and how tall the dots are meanwhile. */
const PULL_PX = 60;
const DOTS_PX = 50;

export interface PullDown {
  /** The dots go away. */
  stop(): void;
}

/** Lets the body be pulled down from its top, by finger or mouse; then calls `onPull` and shows dots until `stop`. */
export function createPullDown(body: HTMLElement, onPull: () => void): PullDown {
  const dots = create('div', { class: 'phone-dots', role: 'status', 'aria-label': '刷新中' });
  dots.append(create('i'), create('i'), create('i'));
  body.parentElement?.prepend(dots);
  let startY: number | null = null;
  let isRefreshing = false;

  const begin = (y: number) => {
    startY = body.scrollTop <= 0 && !isRefreshing ? y : null;
  };
  const move = (y: number) => {
    if (startY === null) return;
    const pulled = Math.max(0, y - startY);
    body.style.transform = pulled === 0 ? '' : `translateY(${Math.min(pulled, DOTS_PX * 1.5)}px)`;
  };
  const end = (y: number) => {
    if (startY === null) return;
    const isFar = y - startY > PULL_PX;
    startY = null;
    body.style.transform = isFar ? `translateY(${DOTS_PX}px)` : '';
    if (!isFar) return;
    isRefreshing = true;
    dots.dataset.on = '';
    onPull();
  };

  body.addEventListener('touchstart', (event) => begin(event.touches[0]?.clientY ?? 0), { passive: true });
  body.addEventListener('touchmove', (event) => {
    const y = event.touches[0]?.clientY ?? 0;
    // Else the browser scrolls the same gesture and cancels it for us.
    if (startY !== null && y > startY && event.cancelable) event.preventDefault();
    move(y);
  });
  body.addEventListener('touchend', (event) => end(event.changedTouches[0]?.clientY ?? 0));
  body.addEventListener('touchcancel', () => end(startY ?? 0));
  body.addEventListener('mousedown', (event) => begin(event.clientY));
  addEventListener('mousemove', (event) => {
    if (event.buttons === 1) move(event.clientY);
  });
  addEventListener('mouseup', (event) => end(event.clientY));

  return {
    stop() {
      isRefreshing = false;
      delete dots.dataset.on;
      body.style.transform = '';
    },
  };
}
