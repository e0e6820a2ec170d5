import { builtin } from './define-builtin.ts';

const fits: Record<string, string> = { scaleToFill: 'fill', aspectFit: 'contain', aspectFill: 'cover' };

/** An image. A path from the mini-program's root lies under app/, where the build has copied it. */
export const image = builtin({
  defaults: { src: '', mode: 'scaleToFill' },
  attach(host) {
    const img = document.createElement('img');
    img.draggable = false;
    img.alt = '';
    img.addEventListener('load', () =>
      host.emit('load', { width: img.naturalWidth, height: img.naturalHeight }),
    );
    img.addEventListener('error', () => host.emit('error', { errMsg: `image not loaded: ${host.data.src}` }));
    host.element.append(img);
    let shown = '';
    return () => {
      const { src, mode } = host.data;
      img.style.objectFit = fits[mode] ?? 'none';
      // Writing the same one again would load it again.
      if (src !== shown) img.src = src.startsWith('/') ? `app${src}` : src;
      shown = src;
    };
  },
});
