/* check_settings.h - `zonetap check --settings`: every setting of zonetap.yaml, out of the table that reads it.
 * Main thread. */
#ifndef ZT_CLI_CHECK_SETTINGS_H
#define ZT_CLI_CHECK_SETTINGS_H

void check_settings_text(void);
void check_settings_man(void);          /* the section SETTINGS of zonetap.yaml(5) */

#endif
