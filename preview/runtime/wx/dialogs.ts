import { create } from '../elements.ts';
import { wxCall } from './wx-call.ts';

/** WeChat's own toast, modal and action sheet. `layer` lies above all pages. */
export function createDialogs(layer: HTMLElement) {
  let toast: HTMLElement | null = null;
  let toastTimer: number | undefined;

  function ask<R>(
    className: string,
    label: string,
    fill: (box: HTMLElement, done: (result: R) => void) => void,
  ) {
    return new Promise<R>((resolve) => {
      const box = create('div', {
        class: className,
        role: 'dialog',
        'aria-modal': 'true',
        'aria-label': label,
      });
      const mask = create('div', { class: 'phone-mask' }, box);
      fill(box, (result) => {
        mask.remove();
        resolve(result);
      });
      layer.append(mask);
    });
  }

  const button = (text: string, onClick: () => void) => {
    const element = create('button', {}, text);
    element.addEventListener('click', onClick);
    return element;
  };

  return {
    showToast: wxCall('showToast', ({ title, duration = 1500 }: { title: string; duration?: number }) => {
      clearTimeout(toastTimer);
      toast?.remove();
      toast = create('div', { class: 'phone-toast', role: 'status' }, title);
      layer.append(toast);
      toastTimer = window.setTimeout(() => toast?.remove(), duration);
    }),

    showModal: wxCall('showModal', (options: ModalOptions) =>
      ask<object>('phone-modal', options.title ?? '', (box, done) => {
        const {
          title = '',
          content = '',
          cancelText = '取消',
          confirmText = '确定',
          showCancel = true,
        } = options;
        box.append(create('strong', {}, title), create('p', {}, content));
        if (showCancel) box.append(button(cancelText, () => done({ confirm: false, cancel: true })));
        box.append(button(confirmText, () => done({ confirm: true, cancel: false })));
      }),
    ),

    showActionSheet: wxCall('showActionSheet', async ({ itemList }: { itemList: string[] }) => {
      const tapIndex = await ask<number>('phone-sheet', '选择', (box, done) => {
        itemList.forEach((text, index) => {
          box.append(button(text, () => done(index)));
        });
        box.append(button('取消', () => done(-1)));
      });
      if (tapIndex < 0) throw new Error('cancel');
      return { tapIndex };
    }),
  };
}

interface ModalOptions {
  title?: string;
  content?: string;
  cancelText?: string;
  confirmText?: string;
  showCancel?: boolean;
}
