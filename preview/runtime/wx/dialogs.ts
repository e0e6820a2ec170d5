import { create } from '../elements.ts';
import { wxCall } from './wx-call.ts';

interface ModalOptions {
  title?: string;
  content?: string;
  cancelText?: string;
  confirmText?: string;
  showCancel?: boolean;
}

/** WeChat's own toast and modal. `layer` lies above all pages. */
export function createDialogs(layer: HTMLElement) {
  const toast = create('div', { class: 'phone-toast', role: 'status' });
  let toastTimer: number | undefined;

  function ask({ title = '', content = '', showCancel = true, ...texts }: ModalOptions): Promise<object> {
    const dialog = create('dialog', { class: 'phone-modal', 'aria-label': title }) as HTMLDialogElement;
    const answer = (value: 'cancel' | 'confirm', text: string) => {
      const button = create('button', {}, text);
      button.addEventListener('click', () => dialog.close(value));
      return button;
    };
    dialog.append(create('strong', {}, title), create('p', {}, content));
    if (showCancel) dialog.append(answer('cancel', texts.cancelText ?? '取消'));
    dialog.append(answer('confirm', texts.confirmText ?? '确定'));
    layer.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      // The escape key closes it too, without a value.
      dialog.addEventListener('close', () => {
        dialog.remove();
        const confirm = dialog.returnValue === 'confirm';
        resolve({ confirm, cancel: !confirm });
      });
    });
  }

  return {
    showToast: wxCall('showToast', ({ title, duration = 1500 }: { title: string; duration?: number }) => {
      clearTimeout(toastTimer);
      toast.textContent = title;
      layer.append(toast);
      toastTimer = window.setTimeout(() => toast.remove(), duration);
    }),
    showModal: wxCall('showModal', ask),
  };
}
