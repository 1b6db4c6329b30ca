/* CIP's numbers.
 *
 * Spec: CIP-V1 = CIP Volume 1: Appendix A (service codes), Appendix B (status codes), chapter 5
 *       (object library). EIP-V2 = Volume 2. LOGIX = Rockwell 1756-PM020 "Logix 5000 Controllers
 *       Data Access". The services of the vendor's program objects (0x68 to 0x8e, 0xa1, 0xac) are
 *       not published; their rows say what engineering software was seen to do with them.
 *
 * Services from 0x32 up belong to the class: 0x4e is Forward_Close, Read-Modify-Write or "add to
 * group" depending on whom it is asked of. */
#include "dissectors/cip_table.h"

#include "base/names.h"
#include "ot/dissector.h"

#include <stddef.h>

static const char *const class_names[256] = {
	[0x01] = "identity", [0x02] = "message_router", [0x03] = "devicenet", [0x04] = "assembly",
	[0x05] = "connection", [0x06] = "connection_manager", [0x07] = "register",
	[0x08] = "discrete_input_point", [0x09] = "discrete_output_point", [0x0a] = "analog_input_point",
	[0x0b] = "analog_output_point", [0x0e] = "presence_sensing", [0x0f] = "parameter",
	[0x10] = "parameter_group", [0x12] = "group", [0x1d] = "discrete_input_group",
	[0x1e] = "discrete_output_group", [0x1f] = "discrete_group", [0x20] = "analog_input_group",
	[0x21] = "analog_output_group", [0x22] = "analog_group", [0x23] = "position_sensor",
	[0x24] = "position_controller_supervisor", [0x25] = "position_controller", [0x26] = "block_sequencer",
	[0x27] = "command_block", [0x28] = "motor_data", [0x29] = "control_supervisor", [0x2a] = "ac_dc_drive",
	[0x2b] = "acknowledge_handler", [0x2c] = "overload", [0x2d] = "softstart", [0x2e] = "selection",
	[0x30] = "s_device_supervisor", [0x31] = "s_analog_sensor", [0x32] = "s_analog_actuator",
	[0x33] = "s_single_stage_controller", [0x34] = "s_gas_calibration", [0x35] = "trip_point",
	[0x37] = "file", [0x38] = "s_partial_pressure", [0x39] = "safety_supervisor",
	[0x3a] = "safety_validator", [0x3b] = "safety_discrete_output_point",
	[0x3c] = "safety_discrete_output_group", [0x3d] = "safety_discrete_input_point",
	[0x3e] = "safety_discrete_input_group", [0x3f] = "safety_dual_channel_output",
	[0x40] = "s_sensor_calibration", [0x41] = "event_log", [0x42] = "motion_device_axis",
	[0x43] = "time_sync", [0x44] = "modbus", [0x45] = "originator_connection_list",
	[0x46] = "modbus_serial_link", [0x47] = "device_level_ring", [0x48] = "qos",
	[0x49] = "safety_analog_input_point", [0x4a] = "safety_analog_input_group",
	[0x4b] = "safety_dual_channel_analog_input", [0x4c] = "safety_feedback",
	[0x4d] = "target_connection_list", [0x4e] = "base_energy", [0x4f] = "electrical_energy",
	[0x50] = "non_electrical_energy", [0x51] = "base_switch", [0x52] = "snmp", [0x53] = "power_management",
	[0x54] = "rstp_bridge", [0x55] = "rstp_port", [0x56] = "prp_hsr_protocol", [0x57] = "prp_hsr_nodes_table",
	[0x5d] = "cip_security", [0x5e] = "ethernet_ip_security", [0x5f] = "certificate_management",
	[0x61] = "password_authenticator", [0x67] = "pccc", [0x68] = "program", [0x69] = "map",
	[0x6b] = "symbol", [0x6c] = "template", [0x70] = "task", [0x8b] = "wall_clock", [0xa1] = "firmware",
	[0xac] = "change_log", [0xf0] = "controlnet", [0xf1] = "controlnet_keeper",
	[0xf2] = "controlnet_scheduling", [0xf3] = "connection_configuration", [0xf4] = "port",
	[0xf5] = "tcp_ip_interface", [0xf6] = "ethernet_link", [0xf7] = "componet_link",
	[0xf8] = "componet_repeater",
};

/* CIP-V1 Appendix A-3: the same of every class that has them. */
static const struct cip_service common[0x32] = {
	[0x01] = { "get_attributes_all", OP_READ, ACT_NONE },
	[0x02] = { "set_attributes_all", OP_WRITE, ACT_NONE },
	[0x03] = { "get_attribute_list", OP_READ, ACT_NONE },
	[0x04] = { "set_attribute_list", OP_WRITE, ACT_NONE },
	[0x05] = { "reset", OP_CONTROL, ACT_NONE },
	[0x06] = { "start", OP_CONTROL, ACT_START },
	[0x07] = { "stop", OP_CONTROL, ACT_STOP },
	[0x08] = { "create", OP_WRITE, ACT_NONE },
	[0x09] = { "delete", OP_WRITE, ACT_NONE },
	[0x0a] = { "multiple_service_packet", OP_OTHER, ACT_NONE },
	[0x0d] = { "apply_attributes", OP_WRITE, ACT_NONE },
	[0x0e] = { "get_attribute_single", OP_READ, ACT_NONE },
	[0x10] = { "set_attribute_single", OP_WRITE, ACT_NONE },
	[0x11] = { "find_next_object_instance", OP_READ, ACT_NONE },
	[0x15] = { "restore", OP_WRITE, ACT_NONE },
	[0x16] = { "save", OP_WRITE, ACT_NONE },
	[0x17] = { "no_operation", OP_OTHER, ACT_NONE },
	[0x18] = { "get_member", OP_READ, ACT_NONE },
	[0x19] = { "set_member", OP_WRITE, ACT_NONE },
	[0x1a] = { "insert_member", OP_WRITE, ACT_NONE },
	[0x1b] = { "remove_member", OP_WRITE, ACT_NONE },
	[0x1c] = { "group_sync", OP_SESSION, ACT_NONE },
	[0x1d] = { "get_connection_point_member_list", OP_READ, ACT_NONE },
};

struct class_service {
	uint32_t key;                   /* class * 256 + service */
	struct cip_service is;
};
#define OF(cls, service) ((uint32_t)(cls) << 8 | (service))

/* Sorted by key. */
static const struct class_service of_class[] = {
	{ OF(0x01, 0x05), { "reset", OP_CONTROL, ACT_RESTART } },
	{ OF(0x05, 0x08), { "create", OP_SESSION, ACT_NONE } },
	{ OF(0x05, 0x09), { "delete", OP_SESSION, ACT_NONE } },
	{ OF(0x06, 0x4e), { "forward_close", OP_SESSION, ACT_NONE } },          /* CIP-V1 3-5.5 */
	{ OF(0x06, 0x52), { "unconnected_send", OP_OTHER, ACT_NONE } },
	{ OF(0x06, 0x54), { "forward_open", OP_SESSION, ACT_NONE } },
	{ OF(0x06, 0x56), { "get_connection_data", OP_DIAGNOSE, ACT_NONE } },
	{ OF(0x06, 0x57), { "search_connection_data", OP_DIAGNOSE, ACT_NONE } },
	{ OF(0x06, 0x5a), { "get_connection_owner", OP_DIAGNOSE, ACT_NONE } },
	{ OF(0x06, 0x5b), { "large_forward_open", OP_SESSION, ACT_NONE } },
	{ OF(0x37, 0x4b), { "initiate_upload", OP_READ, ACT_NONE } },           /* CIP-V1 5-37: files of any kind */
	{ OF(0x37, 0x4c), { "initiate_download", OP_WRITE, ACT_NONE } },
	{ OF(0x37, 0x4d), { "initiate_partial_read", OP_READ, ACT_NONE } },
	{ OF(0x37, 0x4e), { "initiate_partial_write", OP_WRITE, ACT_NONE } },
	{ OF(0x37, 0x4f), { "upload_transfer", OP_READ, ACT_NONE } },
	{ OF(0x37, 0x50), { "download_transfer", OP_WRITE, ACT_NONE } },
	{ OF(0x37, 0x51), { "clear_file", OP_WRITE, ACT_NONE } },
	{ OF(0x44, 0x4b), { "read_discrete_inputs", OP_READ, ACT_NONE } },      /* CIP-V7 Modbus object */
	{ OF(0x44, 0x4c), { "read_coils", OP_READ, ACT_NONE } },
	{ OF(0x44, 0x4d), { "read_input_registers", OP_READ, ACT_NONE } },
	{ OF(0x44, 0x4e), { "read_holding_registers", OP_READ, ACT_NONE } },
	{ OF(0x44, 0x4f), { "write_coils", OP_WRITE, ACT_NONE } },
	{ OF(0x44, 0x50), { "write_holding_registers", OP_WRITE, ACT_NONE } },
	{ OF(0x44, 0x51), { "modbus_passthrough", OP_WRITE, ACT_NONE } },
	{ OF(0x47, 0x4b), { "verify_fault_location", OP_DIAGNOSE, ACT_NONE } }, /* EIP-V2 5-5 */
	{ OF(0x47, 0x4c), { "clear_rapid_faults", OP_CONTROL, ACT_NONE } },
	{ OF(0x47, 0x4d), { "restart_sign_on", OP_CONTROL, ACT_NONE } },
	{ OF(0x47, 0x4e), { "clear_gateway_partial_fault", OP_CONTROL, ACT_NONE } },
	{ OF(0x5d, 0x4b), { "begin_config", OP_WRITE, ACT_CREDENTIAL } },       /* CIP-V8 5-5 to 5-7 */
	{ OF(0x5d, 0x4c), { "kick_timer", OP_OTHER, ACT_NONE } },
	{ OF(0x5d, 0x4d), { "end_config", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x5d, 0x4e), { "object_cleanup", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x5e, 0x4b), { "begin_config", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x5e, 0x4c), { "kick_timer", OP_OTHER, ACT_NONE } },
	{ OF(0x5f, 0x4b), { "create_csr", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x5f, 0x4c), { "verify_certificate", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x61, 0x4b), { "password_reset", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x61, 0x4c), { "password_change", OP_WRITE, ACT_CREDENTIAL } },
	{ OF(0x61, 0x4d), { "password_validate", OP_SESSION, ACT_CREDENTIAL } },
	{ OF(0x64, 0x05), { "reset", OP_CONTROL, ACT_RESTART } },
	{ OF(0x67, 0x4b), { "execute_pccc", OP_OTHER, ACT_NONE } },
	{ OF(0x68, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x68, 0x4c), { "read_program", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x68, 0x4f), { "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x68, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x69, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x69, 0x4f), { "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x69, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x6a, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6a, 0x4c), { "read_data", OP_READ, ACT_NONE } },
	{ OF(0x6a, 0x4f), { "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6a, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x6b, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6b, 0x4c), { "read_tag", OP_READ, ACT_NONE } },                  /* LOGIX, CIP services supported */
	{ OF(0x6b, 0x4d), { "write_tag", OP_WRITE, ACT_NONE } },
	{ OF(0x6b, 0x4e), { "read_modify_write_tag", OP_WRITE, ACT_NONE } },
	{ OF(0x6b, 0x52), { "read_tag_fragmented", OP_READ, ACT_NONE } },
	{ OF(0x6b, 0x53), { "write_tag_fragmented", OP_WRITE, ACT_NONE } },
	{ OF(0x6b, 0x55), { "get_instance_attribute_list", OP_READ, ACT_TAG_ENUMERATION } },
	{ OF(0x6c, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6c, 0x4c), { "read_template", OP_READ, ACT_NONE } },             /* LOGIX, template object */
	{ OF(0x6c, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x6d, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6d, 0x4c), { "read_logic", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6d, 0x4f), { "upload", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6d, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x6e, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x6f, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x70, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x70, 0x50), { "download", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x72, 0x05), { "reset", OP_CONTROL, ACT_RESTART } },
	{ OF(0x72, 0x4b), { "commit", OP_PROGRAM, ACT_PROGRAM_DOWNLOAD } },
	{ OF(0x72, 0x4c), { "read_data", OP_READ, ACT_NONE } },
	{ OF(0x74, 0x4b), { "acquire_lock", OP_PROGRAM, ACT_PROGRAM_LOCK } },   /* below 0x8e or a program */
	{ OF(0x74, 0x4c), { "release_lock", OP_PROGRAM, ACT_PROGRAM_LOCK } },
	{ OF(0x8d, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x8e, 0x05), { "reset", OP_CONTROL, ACT_RESTART } },
	{ OF(0x8e, 0x4b), { "acquire_lock", OP_PROGRAM, ACT_PROGRAM_LOCK } },
	{ OF(0x8e, 0x4c), { "release_lock", OP_PROGRAM, ACT_PROGRAM_LOCK } },
	{ OF(0xa1, 0x4b), { "begin_update", OP_PROGRAM, ACT_FIRMWARE } },
	{ OF(0xa1, 0x4d), { "transfer_update", OP_PROGRAM, ACT_FIRMWARE } },
	{ OF(0xa1, 0x51), { "finish_update", OP_PROGRAM, ACT_FIRMWARE } },
	{ OF(0xac, 0x08), { "create", OP_WRITE, ACT_NONE } },
	{ OF(0xac, 0x4b), { "add_entry", OP_OTHER, ACT_NONE } },
	{ OF(0xb0, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0xb1, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0xb2, 0x08), { "create", OP_SESSION, ACT_NONE } },                 /* groups of tags that an HMI polls */
	{ OF(0xb2, 0x09), { "delete", OP_SESSION, ACT_NONE } },
	{ OF(0xb2, 0x4c), { "read_group", OP_READ, ACT_NONE } },
	{ OF(0xb2, 0x4e), { "add_to_group", OP_SESSION, ACT_NONE } },
	{ OF(0xf3, 0x4b), { "kick_timer", OP_OTHER, ACT_NONE } },               /* CIP-V1 5-14 */
	{ OF(0xf3, 0x4c), { "open_connection", OP_SESSION, ACT_NONE } },
	{ OF(0xf3, 0x4d), { "close_connection", OP_SESSION, ACT_NONE } },
	{ OF(0xf3, 0x4e), { "stop_connection", OP_CONTROL, ACT_NONE } },
	{ OF(0xf3, 0x4f), { "change_start", OP_WRITE, ACT_NONE } },
	{ OF(0xf3, 0x50), { "get_status", OP_DIAGNOSE, ACT_NONE } },
	{ OF(0xf3, 0x51), { "change_complete", OP_WRITE, ACT_NONE } },
	{ OF(0xf3, 0x52), { "audit_changes", OP_DIAGNOSE, ACT_NONE } },
	{ OF(0xf6, 0x4c), { "get_and_clear", OP_DIAGNOSE, ACT_NONE } },         /* EIP-V2 5-4 */
	{ OF(0x32b, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x331, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x332, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
	{ OF(0x338, 0x4b), { "list_instances", OP_PROGRAM, ACT_PROGRAM_UPLOAD } },
};

static const struct cip_service *find_of_class(uint32_t cls, uint8_t service)
{
	uint32_t key = OF(cls, service);
	size_t lo = 0, hi = sizeof of_class / sizeof of_class[0];

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (of_class[mid].key == key)
			return &of_class[mid].is;
		if (of_class[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* What a change of an object of this class amounts to. */
static enum ot_act change_of(uint32_t cls)
{
	switch (cls) {
	case 0x43: case 0x8b:
		return ACT_TIME_CHANGE;
	case 0x47: case 0x48: case 0x54: case 0x55: case 0x56: case 0xf4: case 0xf5: case 0xf6:
		return ACT_NETWORK_CONFIG;
	case 0x5d: case 0x5e: case 0x5f: case 0x61:
		return ACT_CREDENTIAL;
	case 0x64: case 0x67: case 0x68: case 0x69: case 0x6a: case 0x6b: case 0x6c: case 0x6d: case 0x6e:
	case 0x6f: case 0x70: case 0x72: case 0x77: case 0x7e: case 0x8e: case 0xa2: case 0xa3:
		return ACT_PROGRAM_DOWNLOAD;
	default:
		return ACT_NONE;
	}
}

static struct cip_service common_of(uint8_t service, uint32_t cls)
{
	struct cip_service is = common[service];
	enum ot_act change;

	if (is.op == OP_READ && cls == CIP_IDENTITY && service != 0x11)
		is.op = OP_IDENTIFY;
	if (is.op != OP_WRITE)
		return is;
	change = change_of(cls);
	if (change == ACT_NONE)
		return is;
	is.act = (uint8_t)change;
	if (change == ACT_PROGRAM_DOWNLOAD) {
		is.op = OP_PROGRAM;
		if (service == 0x09)
			is.act = ACT_PROGRAM_DELETE;
	}
	return is;
}

struct cip_service cip_service_of(uint8_t service, uint32_t cls)
{
	const struct cip_service *row = cls <= UINT16_MAX ? find_of_class(cls, service) : NULL;

	if (row)
		return *row;
	if (service < sizeof common / sizeof common[0])
		return common_of(service, cls);
	return (struct cip_service){ .name = NULL, .op = OP_OTHER, .act = ACT_NONE };
}

const char *cip_class_name(uint32_t cls)
{
	return cls < sizeof class_names / sizeof class_names[0] ? class_names[cls] : NULL;
}

/* CIP-V1 Appendix B-1. */
const char *cip_status_name(uint8_t general)
{
	static const char *const names[] = {
		[0x00] = "success", [0x01] = "connection_failure", [0x02] = "resource_unavailable",
		[0x03] = "invalid_parameter_value", [0x04] = "path_segment_error",
		[0x05] = "path_destination_unknown", [0x06] = "partial_transfer", [0x07] = "connection_lost",
		[0x08] = "service_not_supported", [0x09] = "invalid_attribute_value",
		[0x0a] = "attribute_list_error", [0x0b] = "already_in_requested_mode",
		[0x0c] = "object_state_conflict", [0x0d] = "object_already_exists",
		[0x0e] = "attribute_not_settable", [0x0f] = "privilege_violation",
		[0x10] = "device_state_conflict", [0x11] = "reply_data_too_large",
		[0x12] = "fragmentation_of_primitive_value", [0x13] = "not_enough_data",
		[0x14] = "attribute_not_supported", [0x15] = "too_much_data", [0x16] = "object_does_not_exist",
		[0x17] = "fragmentation_not_in_progress", [0x18] = "no_stored_attribute_data",
		[0x19] = "store_operation_failure", [0x1a] = "request_too_large_for_route",
		[0x1b] = "response_too_large_for_route", [0x1c] = "missing_attribute_list_entry",
		[0x1d] = "invalid_attribute_value_list", [0x1e] = "embedded_service_error",
		[0x1f] = "vendor_specific_error", [0x20] = "invalid_parameter", [0x21] = "write_once_already_written",
		[0x22] = "invalid_reply_received", [0x23] = "buffer_overflow", [0x24] = "invalid_message_format",
		[0x25] = "key_failure_in_path", [0x26] = "path_size_invalid", [0x27] = "unexpected_attribute_in_list",
		[0x28] = "invalid_member_id", [0x29] = "member_not_settable", [0x2a] = "group_2_only_server_failure",
		[0x2b] = "unknown_modbus_error", [0x2c] = "attribute_not_gettable", [0x2d] = "instance_not_deletable",
		[0x2e] = "service_not_supported_for_path",
	};

	if (general >= 0xd0)
		return "object_specific_error";
	return general < sizeof names / sizeof names[0] ? names[general] : NULL;
}

/* ODVA's list of vendor ids: those that a plant is likely to meet. */
static const struct name vendors[] = {
	{ 1, "Rockwell Automation/Allen-Bradley" }, { 2, "Namco Controls" }, { 3, "Honeywell" },
	{ 4, "Parker Hannifin" }, { 5, "Rockwell Automation/Reliance Electric" }, { 7, "SMC" }, { 8, "Molex" },
	{ 12, "Banner Engineering" }, { 26, "Festo" }, { 40, "WAGO" }, { 43, "Balluff" }, { 44, "Yaskawa" },
	{ 46, "ABB" }, { 47, "Omron" }, { 48, "Turck" }, { 50, "Real Time Automation" }, { 56, "Softing" },
	{ 57, "Pepperl+Fuchs" }, { 58, "Spectrum Controls" }, { 68, "Eaton" }, { 75, "ABB Robotics" },
	{ 77, "Rockwell Software" }, { 81, "IXXAT" }, { 82, "Mitsubishi Electric" }, { 83, "Opto 22" },
	{ 90, "HMS Industrial Networks" }, { 97, "Danfoss" }, { 100, "Bosch Rexroth" }, { 108, "Beckhoff" },
	{ 109, "National Instruments" }, { 121, "KUKA" }, { 128, "MAC Valves" }, { 143, "GE Industrial Systems" },
	{ 145, "Siemens Energy & Automation" }, { 161, "Mitsubishi Electric" }, { 176, "Red Lion Controls" },
	{ 243, "Schneider Automation" }, { 255, "Bosch Rexroth" }, { 256, "Turck" }, { 283, "Hilscher" },
	{ 309, "ProSoft Technology" }, { 315, "SEW Eurodrive" }, { 322, "ifm" }, { 345, "Endress+Hauser" },
	{ 356, "Fanuc Robotics" }, { 367, "Keyence" }, { 445, "Lenze" }, { 562, "Phoenix Contact" },
	{ 591, "Fanuc" }, { 634, "Hirschmann" }, { 640, "Murrelektronik" }, { 678, "Cognex" },
	{ 680, "Weidmuller" }, { 722, "ABB" }, { 796, "Siemens" }, { 808, "SICK" }, { 939, "Cisco" },
	{ 991, "Moxa" }, { 1015, "Weidmuller" }, { 1059, "Delta Electronics" }, { 1182, "Endress+Hauser" },
};

const char *cip_vendor_name(uint32_t vendor)
{
	return NAME_OF(vendors, vendor);
}
