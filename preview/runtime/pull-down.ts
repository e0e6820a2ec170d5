import { create } from './elements.ts';

/** How far a page must be pulled, in px, and how tall the dots are meanwhile. */
const PULL_PX = 60;
const DOTS_PX = 50;

/**
 * Lets the body be pulled down from its top, by finger or mouse; then calls `onPull` and shows dots. Answers the
 * function that lets them go.
 */
export function attachPullDown(body: HTMLElement, onPull: () => void): () => void {
  const dots = create('div', { class: 'phone-dots', role: 'status', 'aria-label': '刷新中' });
  dots.append(create('i'), create('i'), create('i'));
  body.parentElement?.prepend(dots);
  let startY: number | null = null;
  const shift = (px: number) => {
    body.style.transform = px === 0 ? '' : `translateY(${px}px)`;
  };
  const stop = () => {
    delete dots.dataset.on;
    shift(0);
  };
  // At the top a pull is ours: the browser would scroll with the same gesture and cancel it for us.
  const takePull = () => {
    body.style.touchAction = body.scrollTop > 0 ? '' : 'pan-x pan-down';
  };
  const give = () => {
    if (startY !== null) stop();
    startY = null;
  };

  takePull();
  body.addEventListener('scroll', takePull);
  body.addEventListener('pointerdown', ({ clientY }) => {
    startY = body.scrollTop <= 0 && dots.dataset.on === undefined ? clientY : null;
  });
  body.addEventListener('pointermove', ({ clientY }) => {
    if (startY !== null) shift(Math.min(Math.max(0, clientY - startY), DOTS_PX * 1.5));
  });
  body.addEventListener('pointerup', ({ clientY }) => {
    const isFar = startY !== null && clientY - startY > PULL_PX;
    give();
    if (!isFar) return;
    dots.dataset.on = '';
    shift(DOTS_PX);
    onPull();
  });
  body.addEventListener('pointercancel', give);
  body.addEventListener('pointerleave', give);
  return stop;
}
