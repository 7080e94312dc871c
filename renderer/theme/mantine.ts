import { type CSSVariablesResolver, createTheme } from '@mantine/core'

/** Mantine's parts in the measures of the tokens: small, square, quiet. */
export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '16px', xl: '26px' },
  lineHeights: { xs: '1.3', sm: '1.35', md: '1.4', lg: '1.4', xl: '1.3' },
  radius: { xs: '2px', sm: '3px', md: '5px', lg: '5px', xl: '5px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  defaultRadius: 'sm',
  cursorType: 'default',
  focusRing: 'auto',
  components: {
    Menu: { defaultProps: { shadow: 'none', offset: 4, transitionProps: { duration: 0 } } },
    Popover: { defaultProps: { shadow: 'none', transitionProps: { duration: 0 } } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, overlayProps: { backgroundOpacity: 0.35 }, radius: 'md' } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 0 }, fz: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
  },
})

/** Both of Mantine's schemes read the tokens, which know light and dark themselves: one theme mechanism, not two. */
export const tokensAsVariables: CSSVariablesResolver = () => {
  const colours = {
    '--mantine-color-body': 'var(--raised)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-bright': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-3)',
    '--mantine-color-placeholder': 'var(--text-3)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-default': 'var(--raised)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-error': 'var(--worse)',
    '--mantine-color-disabled': 'var(--bg)',
    '--mantine-color-disabled-color': 'var(--text-3)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-filled-hover': 'var(--accent)',
    '--mantine-color-blue-filled': 'var(--accent)',
    '--mantine-color-blue-filled-hover': 'var(--accent)',
    '--mantine-color-blue-light': 'var(--select)',
    '--mantine-color-blue-light-hover': 'var(--select)',
    '--mantine-color-blue-light-color': 'var(--accent)',
    '--mantine-primary-color-light': 'var(--select)',
    '--mantine-primary-color-light-color': 'var(--accent)',
    '--mantine-primary-color-contrast': 'var(--accent-ink)',
    '--mantine-color-gray-light-hover': 'var(--hover)',
  }
  return { variables: {}, light: colours, dark: colours }
}
