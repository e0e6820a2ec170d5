import { builtin } from './define-builtin.ts';

const fits: Record<string, string> = {
  scaleToFill: 'fill',
  aspectFit: 'contain',
  aspectFill: 'cover',
  widthFix: 'fill',
  heightFix: 'fill',
};

/** An image. A path from the mini-program's root lies under app/, where the build has copied it. */
export const image = builtin({
  defaults: { src: '', mode: 'scaleToFill', lazyLoad: false },
  attach(host) {
    const img = document.createElement('img');
    img.draggable = false;
    img.alt = '';
    img.addEventListener('load', () => {
      fit(img, host.element, host.data.mode);
      host.emit('load', { width: img.naturalWidth, height: img.naturalHeight });
    });
    img.addEventListener('error', () => host.emit('error', { errMsg: `image not loaded: ${host.data.src}` }));
    host.element.append(img);
    let shown = '';
    return () => {
      const { src, mode, lazyLoad } = host.data;
      img.loading = lazyLoad ? 'lazy' : 'eager';
      if (src !== shown) {
        shown = src;
        if (src === '') img.removeAttribute('src');
        else img.src = src.startsWith('/') ? `app${src}` : src;
      }
      fit(img, host.element, mode);
    };
  },
});

function fit(img: HTMLImageElement, host: HTMLElement, mode: string): void {
  img.style.objectFit = fits[mode] ?? 'none';
  if (mode === 'widthFix' && img.naturalWidth > 0) host.style.height = img.style.height = 'auto';
  if (mode === 'heightFix' && img.naturalWidth > 0) host.style.width = img.style.width = 'auto';
}
