import { builtin } from './define-builtin.ts';

export const scrollView = builtin({
  defaults: { scrollX: false, scrollY: false, scrollTop: null },
  attach(host) {
    const { element } = host;
    const onScroll = (event: Event) => {
      event.stopImmediatePropagation();
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth } = element;
      host.emit('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth });
    };
    // Before the framework's own listener, which would emit it once more without the numbers.
    element.addEventListener('scroll', onScroll, { capture: true });
    let done: unknown = null;
    return () => {
      const { scrollX, scrollY, scrollTop } = host.data;
      element.style.overflowX = scrollX ? 'auto' : 'hidden';
      element.style.overflowY = scrollY ? 'auto' : 'hidden';
      // Only a new wish moves it: the person may have scrolled on since the last one.
      if (scrollTop !== done && scrollTop !== null) element.scrollTop = Number(scrollTop);
      done = scrollTop;
    };
  },
});
