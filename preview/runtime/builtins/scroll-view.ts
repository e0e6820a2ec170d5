import { elementOf } from '../framework.ts';
import { builtin } from './define-builtin.ts';

export const scrollView = builtin({
  defaults: {
    scrollX: false,
    scrollY: false,
    scrollTop: null,
    scrollLeft: null,
    scrollIntoView: '',
    scrollWithAnimation: false,
    lowerThreshold: 50,
    upperThreshold: 50,
    showScrollbar: true,
  },
  attach(host) {
    const { element } = host;
    let before = { top: 0, left: 0 };
    let isLow = false;
    element.addEventListener('scroll', (event) => {
      event.stopPropagation();
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight } = element;
      const deltaY = before.top - scrollTop;
      const deltaX = before.left - scrollLeft;
      before = { top: scrollTop, left: scrollLeft };
      host.emit('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth, deltaX, deltaY });
      const wasLow = isLow;
      isLow = host.data.scrollY && scrollHeight - clientHeight - scrollTop <= host.data.lowerThreshold;
      if (isLow && !wasLow) host.emit('scrolltolower', { direction: 'bottom' });
      if (deltaY > 0 && scrollTop <= host.data.upperThreshold)
        host.emit('scrolltoupper', { direction: 'top' });
    });
    const done = { scrollTop: null as unknown, scrollLeft: null as unknown, scrollIntoView: '' };
    return () => {
      const { scrollX, scrollY, scrollTop, scrollLeft, scrollIntoView, scrollWithAnimation } = host.data;
      element.style.overflowX = scrollX ? 'auto' : 'hidden';
      element.style.overflowY = scrollY ? 'auto' : 'hidden';
      element.style.scrollbarWidth = host.data.showScrollbar ? 'auto' : 'none';
      const behavior = scrollWithAnimation ? 'smooth' : 'auto';
      // Only a new wish moves it: the person may have scrolled on since the last one.
      if (scrollTop !== done.scrollTop && scrollTop !== null)
        element.scrollTo({ top: Number.parseFloat(String(scrollTop)), behavior });
      if (scrollLeft !== done.scrollLeft && scrollLeft !== null)
        element.scrollTo({ left: Number.parseFloat(String(scrollLeft)), behavior });
      if (scrollIntoView !== done.scrollIntoView && scrollIntoView !== '')
        requestAnimationFrame(() => {
          const node = host.node.ownerShadowRoot?.querySelector(`#${scrollIntoView}`);
          if (node) elementOf(node)?.scrollIntoView({ block: 'start', behavior });
        });
      Object.assign(done, { scrollTop, scrollLeft, scrollIntoView });
    };
  },
});
