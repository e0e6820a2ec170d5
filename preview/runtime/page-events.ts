/** Calls `onScroll` with the offset, and `onBottom` once each time the end comes nearer than `distance` px. */
export function watchScrolling(
  body: HTMLElement,
  distance: number,
  { onScroll, onBottom }: { onScroll(scrollTop: number): void; onBottom(): void },
): void {
  let reachedAt = 0;
  body.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = body;
    onScroll(scrollTop);
    const isNear = scrollHeight - clientHeight - scrollTop <= distance;
    // Again only when the page has grown or the person has been away from its end.
    if (isNear && reachedAt !== scrollHeight) {
      reachedAt = scrollHeight;
      onBottom();
    } else if (!isNear) reachedAt = 0;
  });
}
