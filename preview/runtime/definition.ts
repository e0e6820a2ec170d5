/** What the build hands to the runtime. */

/** A page's window settings; colours may be `@name`, a name in theme.json. */
export interface WindowConfig {
  navigationBarTitleText?: string;
  navigationBarBackgroundColor?: string;
  navigationBarTextStyle?: string;
  backgroundColor?: string;
  enablePullDownRefresh?: boolean;
  onReachBottomDistance?: number;
}

export interface TabBar {
  color: string;
  selectedColor: string;
  backgroundColor: string;
  borderStyle?: string;
  list: { pagePath: string; text: string; iconPath: string; selectedIconPath: string }[];
}

export interface Definition {
  app: { window?: WindowConfig; tabBar?: TabBar };
  /** theme.json: theme → name → value. */
  theme: Partial<Record<'light' | 'dark', Record<string, string>>>;
  pages: string[];
  components: {
    codePath: string;
    /** The component's JSON file, its usingComponents made absolute. */
    json: WindowConfig & Record<string, unknown>;
    /** Prefix of its classes; '' when its sheet is shared. */
    scope: string;
    isPage: boolean;
  }[];
  /** Code path, or `app` → CSS. */
  styles: Record<string, string>;
}

/** Code path → what the template compiler made of it. */
export type Templates = Record<string, unknown>;
