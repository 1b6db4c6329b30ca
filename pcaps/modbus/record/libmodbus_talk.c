/* libmodbus_talk.c: a server and a client of libmodbus, each of its functions once, some of them refused. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int serve(const char *address)
{
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	modbus_t *ctx = modbus_new_tcp(address, 502);
	modbus_mapping_t *map = modbus_mapping_new(200, 200, 200, 200);
	int listener = modbus_tcp_listen(ctx, 1), n;

	if (listener < 0)
		return perror("listen"), 1;
	for (int i = 0; i < 200; i++)
		map->tab_input_registers[i] = (uint16_t)(1000 + i);
	while (modbus_tcp_accept(ctx, &listener) >= 0) {
		while ((n = modbus_receive(ctx, query)) > 0)
			modbus_reply(ctx, query, n, map);
		modbus_close(ctx);
	}
	return 0;
}

static int ask(const char *address)
{
	modbus_t *ctx = modbus_new_tcp(address, 502);
	uint8_t bits[64] = { 1, 0, 1, 1, 0, 1, 0, 1, 1, 1 };
	uint16_t words[64] = { 10, 20, 30, 40, 50 };

	modbus_set_slave(ctx, 17);
	if (modbus_connect(ctx) < 0)
		return perror("connect"), 1;
	modbus_read_bits(ctx, 19, 19, bits);
	modbus_read_input_bits(ctx, 7, 22, bits);
	modbus_read_registers(ctx, 107, 3, words);
	modbus_read_input_registers(ctx, 8, 2, words);
	modbus_write_bit(ctx, 172, 1);
	modbus_write_bit(ctx, 172, 0);
	modbus_write_register(ctx, 1, 3);
	modbus_write_bits(ctx, 19, 10, bits);
	modbus_write_registers(ctx, 1, 5, words);
	modbus_mask_write_register(ctx, 4, 0x00f2, 0x0025);
	modbus_write_and_read_registers(ctx, 14, 3, words, 3, 6, words);
	modbus_report_slave_id(ctx, sizeof(bits), bits);
	/* refused: beyond the map, twice a read, once a write */
	modbus_read_registers(ctx, 199, 2, words);
	modbus_write_register(ctx, 500, 1);
	modbus_write_registers(ctx, 198, 5, words);
	modbus_write_and_read_registers(ctx, 300, 2, words, 3, 6, words);
	/* a function that the server has not: diagnostics, force listen only */
	uint8_t raw[] = { 17, 8, 0, 4, 0, 0 }, answer[MODBUS_TCP_MAX_ADU_LENGTH];

	modbus_send_raw_request(ctx, raw, sizeof(raw));
	modbus_receive_confirmation(ctx, answer);
	modbus_close(ctx);
	modbus_free(ctx);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "server") == 0)
		return serve(argv[2]);
	if (argc == 3 && strcmp(argv[1], "client") == 0)
		return ask(argv[2]);
	fprintf(stderr, "usage: %s server|client ADDRESS\n", argv[0]);
	return 2;
}
